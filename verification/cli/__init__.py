"""The verbs of the command line, a module for each family: `VERBS` says where each verb is."""

VERBS = {
    **dict.fromkeys(("check",), "check_command"),
    **dict.fromkeys(("papers", "pages", "report", "new"), "papers_command"),
    **dict.fromkeys(("claims",), "claims_command"),
    **dict.fromkeys(("show", "recheck", "twins"), "ledger_commands"),
    **dict.fromkeys(("analyse",), "analyse_command"),
    **dict.fromkeys(("figure",), "figure_command"),
    **dict.fromkeys(("sweep",), "sweep_command"),
    **dict.fromkeys(("train",), "train_command"),
    **dict.fromkeys(("spectrum", "explain"), "measure_command"),
    **dict.fromkeys(("explorer",), "explorer_command"),
    **dict.fromkeys(("export",), "export_command"),
    **dict.fromkeys(("table",), "table_command"),
}
