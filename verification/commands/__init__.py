"""The verbs of the command line, a file for each family; `REGISTER` lists what the application is made of."""

from verification.commands import analyse, ledger

REGISTER = (
    ledger.register,
    analyse.register,
)
