"""Checkpoints by Accelerate: whole or not there, and without the frozen base."""

import math
import shutil

from peft import get_peft_model_state_dict, set_peft_model_state_dict
from safetensors.torch import load_file, save_file


class Progress:
    """What a run goes on from beside model, optimizer and schedule."""

    def __init__(self):
        self.step, self.best_step, self.merit = 0, 0, -math.inf
        self.steps, self.evaluations = [], []

    def state_dict(self):
        return dict(self.__dict__)

    def load_state_dict(self, state):
        self.__dict__.update(state)


class Checkpoints:
    """The last step and the best one, in folders of the output."""

    def __init__(self, accelerator, model, output, progress):
        self.accelerator, self.model, self.output, self.progress = accelerator, model, output, progress
        accelerator.register_for_checkpointing(progress)
        accelerator.register_save_state_pre_hook(self.save_adapter_alone)
        accelerator.register_load_state_pre_hook(self.load_adapter_alone)

    def save_adapter_alone(self, _, weights, folder):
        """Instead of all weights; FSDP and DeepSpeed bring none here and write files of their own."""
        if weights and self.accelerator.is_main_process:
            adapter = get_peft_model_state_dict(self.accelerator.unwrap_model(self.model), save_embedding_layers=False)
            save_file(adapter, f"{folder}/adapter.safetensors")
        weights.clear()

    def load_adapter_alone(self, models, folder):
        if models:
            model = self.accelerator.unwrap_model(models.pop())
            set_peft_model_state_dict(model, load_file(f"{folder}/adapter.safetensors"))

    def save(self, kind):
        """`kind`: "best" or "checkpoint". One that is cut off never gets its name."""
        unfinished, folder = self.output / "unfinished", self.output / f"{kind}-{self.progress.step:08}"
        if self.accelerator.is_main_process:
            shutil.rmtree(unfinished, ignore_errors=True)
        self.accelerator.wait_for_everyone()
        self.accelerator.save_state(unfinished)
        self.accelerator.wait_for_everyone()
        if self.accelerator.is_main_process:
            shutil.rmtree(folder, ignore_errors=True)
            unfinished.rename(folder)
            if kind == "checkpoint":
                self.forget_others()
        self.accelerator.wait_for_everyone()

    def forget_others(self):
        kept = {f"checkpoint-{self.progress.step:08}", f"best-{self.progress.best_step:08}"}
        for other in [*self.output.glob("checkpoint-*"), *self.output.glob("best-*")]:
            if other.name not in kept:
                shutil.rmtree(other)

    def load_last(self):
        """Does nothing where there is none."""
        found = sorted(self.output.glob("checkpoint-*"))
        if found:
            self.accelerator.load_state(found[-1])
            self.accelerator.print(f"Goes on after step {self.progress.step}")

    def load_best(self):
        if self.progress.best_step > 0:
            self.accelerator.load_state(self.output / f"best-{self.progress.best_step:08}")
