import type { WayOn } from '../../api/deviceWait';
import type { TuneletError } from '../../api/errors';
import type { TrainerEvent } from '../../api/events';
import type { TrainingSettings } from '../../api/settings';
import { DeviceRecovery, isDeviceFull, isDeviceGone, smallerBatchOf } from './deviceRecovery';
import type { EngineRoom } from './engineRoom';
import type { Batch } from '../plan/memoryProblem';

/** Where a run is when its device goes. */
export interface Standing {
  /** The last step that counted. */
  step: number;
  /** Nothing up to here is lost. */
  safeStep: number;
  canExport: boolean;
  isStopping: boolean;
  batch: Batch;
}

interface RecoveringParts {
  room: EngineRoom;
  emit: (event: TrainerEvent) => void;
  standing(): Standing;
  /** Smaller, and fits into what the device gives; null where none does. */
  batchThatFits(full: TuneletError): Promise<Batch | null>;
  /** What the rest after `step` would take there; null where that is not known. */
  secondsOnProcessor(step: number): Promise<number | null>;
  /** The run goes on after `step`, with these changes. */
  goBack(step: number, changes: Partial<TrainingSettings>): void;
}

/** Work that is done again, from what is kept, each time that its graphics device is lost and there again, or was full and asked for less. */
export class RecoveringWork {
  private readonly parts: RecoveringParts;
  private readonly recovery: DeviceRecovery;

  constructor(parts: RecoveringParts) {
    const { room, emit } = parts;
    this.parts = parts;
    this.recovery = new DeviceRecovery({
      isBack: () => room.isDeviceBack(),
      tell: (wait) => emit({ kind: 'device-wait', wait }),
    });
  }

  /** What the user wants while it waits. */
  choose(way: WayOn): void {
    this.recovery.choose(way);
  }

  async do<Result>(work: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        return await work();
      } catch (thrown) {
        const isKnown = isDeviceGone(thrown) || isDeviceFull(thrown);
        if (!isKnown || !this.parts.room.canBeLost) throw thrown;
        await this.goOnAfter(thrown);
      }
    }
  }

  private async goOnAfter(thrown: TuneletError): Promise<void> {
    const { room, emit, goBack } = this.parts;
    const { step, safeStep, canExport, isStopping, batch } = this.parts.standing();
    // Nothing is trained that would have to be judged: the work ends by itself.
    if (isStopping && safeStep === 0) return;
    const isFull = isDeviceFull(thrown);
    const smallerBatch = isFull ? await this.parts.batchThatFits(thrown) : smallerBatchOf(batch);
    emit({ kind: 'phase', phase: 'waiting-for-device' });
    const reason = String(thrown.details['reason'] ?? '');
    const secondsOnProcessor = await this.parts.secondsOnProcessor(safeStep);
    const full = isFull ? thrown.message : null;
    const loss = { reason, full, lostAtStep: step, safeStep, canExport, smallerBatch, secondsOnProcessor };
    const way = isStopping ? 'stop' : await this.recovery.wayOn(loss);
    const changes = way === 'smaller-batch' ? (smallerBatch ?? {}) : {};
    // What is learnt is judged where a device is to be had.
    const isMoving = way === 'processor' || (way === 'stop' && safeStep > 0 && (isFull || !(await room.isDeviceBack())));
    if (isMoving) room.moveToProcessor();
    emit({ kind: 'resumed', step: safeStep });
    goBack(safeStep, changes);
    if (way === 'smaller-batch' && smallerBatch) emit({ kind: 'notice', message: batchNotice(smallerBatch) });
    if (isMoving) emit({ kind: 'notice', message: processorNotice(safeStep) });
  }
}

function batchNotice({ perDeviceTrainBatchSize, gradientAccumulationSteps }: Batch): string {
  return `The run goes on with per_device_train_batch_size ${perDeviceTrainBatchSize} and gradient_accumulation_steps ${gradientAccumulationSteps}. A step has as many texts as before.`;
}

function processorNotice(step: number): string {
  return `The run goes on from step ${step} on the processor. It computes in float32, so the figures can differ a little from the graphics device’s.`;
}
