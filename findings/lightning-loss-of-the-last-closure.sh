#!/usr/bin/env bash
# version:   pytorch-lightning 2.6.6, torch 2.13.0, CPU, Python 3.11
# guess:     the loss in `outputs` of on_train_batch_end is that of the batch at the weights before its step, as in a
#            loop by hand and as `optimizer.step(closure)` returns it.
# behaviour: where the optimiser evaluates its closure more than once, `outputs["loss"]` is that of the last evaluation,
#            at whatever weights the optimiser was trying then.
# seen:      loss of f(w) = w^2 from w = 1 under two evaluations at w = 1 and w = 2: outputs hold 4.0, step returned 1.0
# matters:   curves of SAM (second evaluation at the perturbed weights) and of LBFGS (at the end of its line search)
#            taken from a callback are of other weights than those of a plain loop, by more than the noise of a batch.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv" && "$folder/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 pytorch-lightning==2.6.6
"$folder/venv/bin/python" -W ignore - <<'PY'
import logging
import sys

import pytorch_lightning as pl
import torch

logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)


class Twice(torch.optim.Optimizer):
    """Evaluates its closure at w and at w + 1, puts w back, and returns the first loss."""

    def __init__(self, params):
        super().__init__(params, {"lr": 0.0})

    def step(self, closure):
        (w,) = self.param_groups[0]["params"]
        first = closure()
        with torch.no_grad():
            w.add_(1.0)
        closure()
        with torch.no_grad():
            w.sub_(1.0)
        returned.append(float(first))
        return first


class Square(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.w = torch.nn.Parameter(torch.ones(()))

    def training_step(self, batch, _):
        return self.w**2

    def configure_optimizers(self):
        return Twice(self.parameters())


class Look(pl.Callback):
    def on_train_batch_end(self, trainer, module, outputs, *_):
        shown.append(float(outputs["loss"]))


returned, shown = [], []
trainer = pl.Trainer(
    accelerator="cpu", max_epochs=1, logger=False, enable_checkpointing=False, enable_progress_bar=False,
    enable_model_summary=False, callbacks=[Look()],
)
trainer.fit(Square(), torch.utils.data.DataLoader([torch.zeros(1)]))
print(f"outputs hold {shown[0]}, step returned {returned[0]}")
sys.exit(0 if (shown, returned) == ([4.0], [1.0]) else 1)
PY
