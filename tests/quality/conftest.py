"""Print the kill rate of the false twins, whichever process ran them, and what became of the claims' neighbours."""


def pytest_terminal_summary(terminalreporter):
    pairs = _recorded(terminalreporter, "twins")
    if pairs:
        killed, tried = (sum(p[i] for p in pairs) for i in (0, 1))
        terminalreporter.write_line(f"false twins: {killed} of {tried} refuted ({killed / tried:.1%})")
    for refuted, proved, undecided in _recorded(terminalreporter, "neighbours"):
        share = undecided / (refuted + proved + undecided)
        terminalreporter.write_line(
            f"neighbours of claims: {refuted} refuted, {proved} proved, {undecided} undecided ({share:.1%})"
        )
    for names in _recorded(terminalreporter, "undecided"):
        for name in names:
            terminalreporter.write_line(f"  undecided: {name}")


def _recorded(terminalreporter, name):
    """What tests recorded under a name."""
    return [
        value
        for reports in (terminalreporter.getreports("passed"), terminalreporter.getreports("failed"))
        for report in reports
        for key, value in report.user_properties
        if key == name and report.when == "call"
    ]
