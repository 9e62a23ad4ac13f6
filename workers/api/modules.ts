/** A layer that LoRA can adapt. */
export interface ModuleShape {
  inFeatures: number;
  outFeatures: number;
}

/** Module path in the task model, "transformer.h.0.attn.c_attn", to its shape; in the model's order. */
export type ModuleShapes = ReadonlyMap<string, ModuleShape>;

/** Whether an entry of `target_modules` names modules; else it is "all-linear" or a regular expression. */
export function isTargetName(entry: string): boolean {
  return /^\w+(\.\w+)*$/.test(entry);
}
