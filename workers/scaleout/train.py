"""Goes on with a run of Tunelet's page on any machine that Accelerate knows: `accelerate launch train.py`.

What is learned, and how, stands in run.json. Started again, it goes on from its last checkpoint.
"""

import argparse
import json
import math
import shutil
from pathlib import Path

import torch
import torch.nn.functional as F
from accelerate import Accelerator
from accelerate.utils import set_seed
from torch.nn.utils.rnn import pad_sequence

from checkpoints import Checkpoints, Progress
from judge import judge
from model import load_model, load_tokenizer, optimizer_and_schedule
from rows import Rows, epoch_order

HERE = Path(__file__).parent


class Training:
    def __init__(self, run, output):
        self.run, self.output, self.settings = run, output, run["settings"]
        self.accelerator = Accelerator(log_with="tensorboard", project_dir=output, step_scheduler_with_optimizer=False)
        set_seed(self.settings["seed"], device_specific=True)
        # As many rows a step as in the tab, however many processes share them.
        most = self.settings["per_device_train_batch_size"]
        self.batch = most * self.settings["gradient_accumulation_steps"]
        own = math.ceil(self.batch / self.accelerator.num_processes)
        self.micro_batch = min(most, own)
        self.accelerator.gradient_accumulation_steps = math.ceil(own / self.micro_batch)
        self.rows = Rows(run, load_tokenizer(run))
        self.splits = {split: self.rows.read(HERE / "data" / f"{split}.jsonl") for split in ("train", "validation", "test")}
        self.plan_steps()
        self.prepare(load_model(run))

    def plan_steps(self):
        """Below 1 a count of steps is a share of all, rounded up."""
        settings = self.settings
        self.epoch_steps = max(1, math.ceil(len(self.splits["train"]) / self.batch))
        planned = max(1, math.ceil(settings["num_train_epochs"] * self.epoch_steps))
        self.total = settings["max_steps"] if settings["max_steps"] >= 0 else planned
        counts = (settings[name] for name in ("warmup_steps", "eval_steps", "save_steps"))
        self.warmup, self.eval_every, self.save_every = (
            math.ceil(self.total * count) if count < 1 else int(count) for count in counts
        )

    def prepare(self, model):
        settings, accelerator = self.settings, self.accelerator
        optimizer, schedule = optimizer_and_schedule(model, settings, self.warmup, self.total)
        if accelerator.state.deepspeed_plugin is not None:
            accelerator.state.deepspeed_plugin.deepspeed_config |= {
                "train_micro_batch_size_per_gpu": self.micro_batch,
                "gradient_accumulation_steps": accelerator.gradient_accumulation_steps,
                "gradient_clipping": settings["max_grad_norm"],
            }
        self.model, self.optimizer, self.schedule = accelerator.prepare(model, optimizer, schedule)
        self.progress = Progress()
        self.checkpoints = Checkpoints(accelerator, self.model, self.output, self.progress)
        accelerator.init_trackers("logs")

    def dealt(self, indices, count):
        """This process's part in micro-batches, as many as any other's; -1 stands for a row that counts for nothing."""
        each = math.ceil(count / self.accelerator.num_processes)
        first = self.accelerator.process_index * each
        own = [indices[at] if at < len(indices) else -1 for at in range(first, first + each)]
        return [own[at : at + self.micro_batch] for at in range(0, each, self.micro_batch)]

    def collate(self, examples):
        """Padded at the right: input ids, attention mask, labels, what each label weighs."""
        ids, labels, weights = ([torch.tensor(part) for part in parts] for parts in zip(*examples))
        parts = (ids, self.run["pad_token_id"]), ([torch.ones_like(row) for row in ids], 0), (labels, 0), (weights, 0.0)
        return [pad_sequence(rows, True, filler).to(self.accelerator.device) for rows, filler in parts]

    def losses(self, ids, mask, labels, weights):
        """Each label's cross-entropy times its weight; and the logits."""
        logits = self.model(input_ids=ids, attention_mask=mask).logits
        logits = logits[:, None] if logits.ndim == 2 else logits
        counts = weights > 0
        found = torch.zeros_like(weights)
        found[counts] = F.cross_entropy(logits[counts].float(), labels[counts], reduction="none") * weights[counts]
        return found, logits

    def learn(self, indices):
        """One step. Each row counts the same, or each token that is learned, however the step is cut into micro-batches."""
        accelerator, train, batches = self.accelerator, self.splits["train"], []
        for micro in self.dealt(indices, self.batch):
            batch = self.collate([self.rows.learned(train[max(0, index)]) for index in micro])
            batch[3] *= torch.tensor([[float(index >= 0)] for index in micro], device=accelerator.device)
            batches.append(batch)
        share = accelerator.reduce(sum(weights.sum() for *_, weights in batches), "sum")
        loss, rate = torch.zeros((), device=accelerator.device), self.schedule.get_last_lr()[0]
        for batch in batches:
            with accelerator.accumulate(self.model):
                part = self.losses(*batch)[0].sum() / share
                # Accelerate takes the mean over processes and micro-batches; their gradients are meant to be added.
                accelerator.backward(part * accelerator.num_processes * len(batches))
                if accelerator.sync_gradients:
                    norm = accelerator.clip_grad_norm_(self.model.parameters(), self.settings["max_grad_norm"] or math.inf)
                self.optimizer.step()
                self.optimizer.zero_grad()
            loss += part.detach()
        self.schedule.step()
        return {"loss": float(accelerator.reduce(loss, "sum")), "learning_rate": rate, "grad_norm": float(norm)}

    def train(self):
        progress, settings, ordered = self.progress, self.settings, None
        self.checkpoints.load_last()
        self.model.train()
        while progress.step < self.total:
            epoch, at = divmod(progress.step, self.epoch_steps)
            if epoch != ordered:
                order, ordered = epoch_order(len(self.splits["train"]), settings["seed"], epoch), epoch
            figures = self.learn(order[at * self.batch : (at + 1) * self.batch])
            progress.step += 1
            progress.steps.append({"step": progress.step, **figures})
            self.accelerator.log({f"train/{name}": value for name, value in figures.items()}, progress.step)
            is_judged = progress.step == self.total or (self.eval_every > 0 and progress.step % self.eval_every == 0)
            if is_judged:
                self.judge_step()
            if is_judged or (self.save_every > 0 and progress.step % self.save_every == 0):
                self.checkpoints.save("checkpoint")

    def judge_step(self):
        progress = self.progress
        figures, merit = judge(self, "validation")
        progress.evaluations.append({"step": progress.step, **figures})
        self.accelerator.print(f"step {progress.step} of {self.total}:", figures)
        split = figures.pop("split")
        self.accelerator.log({f"{split}/{name}": value for name, value in figures.items()}, progress.step)
        if merit > progress.merit:
            progress.merit, progress.best_step = merit, progress.step
            self.checkpoints.save("best")

    def finish(self):
        """Judges the best step by texts that nothing was chosen by, and writes its adapter for the page."""
        accelerator, progress = self.accelerator, self.progress
        steps, evaluations = progress.steps, progress.evaluations
        self.checkpoints.load_best()
        result, _ = judge(self, "test" if self.splits["test"] else "validation")
        folder, state = self.output / "adapter", accelerator.get_state_dict(self.model)
        if accelerator.is_main_process:
            accelerator.unwrap_model(self.model).save_pretrained(folder, state_dict=state, save_embedding_layers=False)
            log = self.run | {"best_step": progress.best_step, "result": result, "evaluations": evaluations, "steps": steps}
            (folder / "training_log.json").write_text(json.dumps(log, indent=1), encoding="utf-8")
            shutil.make_archive(str(folder), "zip", folder)
        accelerator.print(f"best step {progress.best_step}:", result)
        accelerator.print(f"Drop {folder}.zip on the page, under Prepare, to evaluate it there.")
        accelerator.end_training()


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--output", type=Path, default=HERE / "output", help="where checkpoints, logs and the adapter go")
    training = Training(json.loads((HERE / "run.json").read_text(encoding="utf-8")), words.parse_args().output)
    training.train()
    training.finish()
