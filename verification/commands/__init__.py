"""The verbs of the command line, a file for each family; `REGISTER` lists what the application is made of."""

from saddlecheck.verification.commands import analyse, docs, figure, ledger, sweep

REGISTER = (ledger.register, analyse.register, figure.register, sweep.register, docs.register)
