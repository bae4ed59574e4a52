// The lab: a container of our own in which a student can be root, make containers with stages of their own, and break
// things. Its root is nobody on the machine, so whatever goes wrong goes wrong in there; what it needs of the machine it
// sees read-only, and nothing else of it.

export { labFinding, labRefusal } from "./lab/finding.ts";
export { lentImage } from "./lab/image.ts";
export { closeLab, findLab, type Lab, type LabResult, type LabRun, openLab, resetLab } from "./lab/lab.ts";
export { type LabWish, labLimits, onceOptions } from "./lab/options.ts";
export type { LabExec, LabProcess } from "./lab/process.ts";
