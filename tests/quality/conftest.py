"""Print the kill rate of the false twins, whichever process ran them."""


def pytest_terminal_summary(terminalreporter):
    pairs = [
        value
        for reports in (terminalreporter.getreports("passed"), terminalreporter.getreports("failed"))
        for report in reports
        for key, value in report.user_properties
        if key == "twins" and report.when == "call"
    ]
    if pairs:
        killed, tried = (sum(p[i] for p in pairs) for i in (0, 1))
        terminalreporter.write_line(f"false twins: {killed} of {tried} refuted ({killed / tried:.1%})")
