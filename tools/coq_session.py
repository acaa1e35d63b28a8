"""A running Coq that is asked whether scripts prove lemmas: the libraries are loaded once, nothing is compiled."""

import re
import select
import subprocess
import tempfile
import time
from pathlib import Path

from saddlecheck.theory.proof_assistant import files
from saddlecheck.theory.proof_assistant.document import Lemma

SENTENCE = 20  # seconds for one sentence
SCRIPT = 60  # seconds for one script
_REFUSED = re.compile(r"\b(Error|Timeout)\b")


class Session:
    """Coq with the prelude loaded. Lemmas that others use are assumed: each is tried by itself."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / "prelude.v"
        path.write_text(files.prelude(interval=True))
        subprocess.run(["coqc", "-q", "-w", "none", path.name], cwd=path.parent, check=True)
        self._start()

    def _start(self) -> None:
        command = ["coqtop", "-q", "-quiet", "-emacs", "-w", "none", "-R", self._folder.name, ""]
        self._coq = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
            cwd=self._folder.name,  # it leaves caches where it runs
        )  # fmt: skip
        self._asked, self._assumed = 0, set[str]()
        # In the order of an exported file, so that names mean the same.
        header = [line for line in files.prelude(interval=True).splitlines() if line.startswith(("From", "Open"))]
        for line in ["Set Silent.", *header, "Require Import prelude.", f"Set Default Timeout {SENTENCE}."]:
            self._say(line, SCRIPT)

    def close(self) -> None:
        """End Coq."""
        self._coq.kill()
        self._coq.wait()
        self._folder.cleanup()

    def refuses(self, lemma: Lemma, script: list[str]) -> str:
        """Why a script does not prove a lemma; nothing if it does."""
        try:
            self._assume(lemma)
            end = time.monotonic() + SCRIPT
            for line in ["Abort All.", f"Goal {lemma.statement()}.", "Proof.", *script, "Qed."]:
                answer = self._say(line, end - time.monotonic())
                if _REFUSED.search(answer) and line != "Abort All.":
                    return " ".join(re.sub(r"<prompt>.*?</prompt>", "", answer).split())
        except TimeoutError:
            self._coq.kill()
            self._coq.wait()
            self._start()
            return f"no answer within {SCRIPT} seconds"
        return ""

    def _assume(self, lemma: Lemma) -> None:
        for each in [*lemma.cited, *([lemma.source] if lemma.source else [])]:
            if each.name not in self._assumed:
                self._assume(each)
                self._say(f"Abort All. Lemma {each.name} : {each.statement()}. Admitted.", SCRIPT)
                self._assumed.add(each.name)

    def _say(self, text: str, seconds: float) -> str:
        """Coq's answer to some sentences. Raises TimeoutError."""
        assert self._coq.stdin is not None  # they are pipes
        assert self._coq.stdout is not None
        self._asked += 1
        mark = f"no_name_{self._asked}"
        self._coq.stdin.write(f"{text}\nLocate {mark}.\n".encode())
        end, answer = time.monotonic() + seconds, b""
        while f"basename {mark}" not in " ".join(answer.decode(errors="replace").split()):
            if not select.select([self._coq.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError
            if not (piece := self._coq.stdout.read(65536)):
                raise TimeoutError  # Coq has ended
            answer += piece
        return answer.decode(errors="replace").rpartition("No object")[0]
