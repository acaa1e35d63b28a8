"""The verbs of the command line, a file for each family; `REGISTER` lists what the application is made of."""

from saddlecheck.verification.cli import (
    analyse_command,
    check_command,
    explorer_command,
    export_command,
    figure_command,
    ledger_commands,
    measure_command,
    papers_command,
    sweep_command,
    table_command,
    train_command,
)

REGISTER = (
    check_command.register,
    papers_command.register,
    ledger_commands.register,
    analyse_command.register,
    figure_command.register,
    sweep_command.register,
    train_command.register,
    measure_command.register,
    explorer_command.register,
    export_command.register,
    table_command.register,
)
