// `mini-docker/course`, for lessons: what a check says and is told, and what try.ts is given.

export type { Check, Goal, Hint, Say, Scenario } from "./check.ts";
export { type EdgeGateway, edgeCable, edgeGateway } from "./edge-gateway.ts";
export type { Functions, TryPlan } from "./functions.ts";
export { callsNamed, failedCall, hasFailed, isOwn, isShared } from "./questions.ts";
export type {
  Evidence,
  IdRange,
  NamespaceName,
  Seen,
  SeenCall,
  SeenDescriptor,
  SeenDirectory,
  SeenLimits,
  SeenMount,
  SeenOutcome,
  SeenRoute,
} from "./seen.ts";
export { affordable, emptyFolders, type Limited, limitedGroup, sevenPowers } from "./try-things.ts";
