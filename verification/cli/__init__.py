"""The verbs of the command line, a file for each family; `REGISTER` lists what the application is made of."""

from saddlecheck.verification.cli import (
    analyse_command,
    explorer_command,
    export_command,
    figure_command,
    ledger_commands,
    sweep_command,
)

REGISTER = (
    ledger_commands.register,
    analyse_command.register,
    figure_command.register,
    sweep_command.register,
    explorer_command.register,
    export_command.register,
)
