import { layerChoiceOf, targetsOf } from '../../api/modules';
import type { SettledSettings } from '../../api/settings';
import type { SlicesReport } from '../../api/slices';
import type { Archive } from '../../api/trainerApi';
import { writeZipBlob } from '../../files/zip';
import { buildAdapterArchive } from '../../lora/adapterFiles';
import type { LoraConfig } from '../../lora/config';
import type { ChosenModel } from '../model/modelRoom';
import { adapterFolder } from '../run/folderNames';
import type { Outcome } from '../run/outcome';

/** The adapter as a zip that, unpacked, is a folder for `PeftModel.from_pretrained`. */
export function adapterArchive({ run, record, result }: Outcome, slices: SlicesReport | null): Archive {
  const { model, settings, planned, name } = run.inputs;
  const bytes = buildAdapterArchive({
    lora: loraOf(settings),
    model: model.base,
    tensors: planned.graphs.layout.unpack(run.tunedParameters),
    tokenizerFiles: tokenizerFiles(model),
    record,
    python: result.python,
    slices,
  });
  return { name: `${adapterFolder(name)}.zip`, blob: new Blob([bytes], { type: 'application/zip' }) };
}

/** The base model's own files, for a base that is on no hub. */
export async function baseArchive(model: ChosenModel): Promise<Archive> {
  return {
    name: `${model.summary.name.replaceAll('/', '-')}.zip`,
    blob: await writeZipBlob(await model.files.rawFiles()),
  };
}

/** What PEFT is told of a run's adapter. */
export function loraOf(settings: SettledSettings): LoraConfig {
  return {
    ...settings,
    targetModules: targetsOf(settings.targetModules),
    layers: layerChoiceOf(settings.layersToTransform),
    task: settings.task === 'head' ? 'SEQ_CLS' : 'CAUSAL_LM',
  };
}

/** The tokenizer's own files, as the model came with them. */
export function tokenizerFiles({ files }: ChosenModel): { name: string; text: string }[] {
  const { tokenizer } = files;
  const own =
    'tokenizerJson' in tokenizer
      ? [{ name: 'tokenizer.json', text: tokenizer.tokenizerJson }]
      : [
          { name: 'vocab.json', text: tokenizer.vocabJson },
          { name: 'merges.txt', text: tokenizer.mergesText },
        ];
  const config = tokenizer.tokenizerConfigJson;
  return config === null ? own : [...own, { name: 'tokenizer_config.json', text: config }];
}
