// Lessons: what they are, how they are read, and how they are kept true.

export { type DiffLine, difference } from "./difference.ts";
export { commandLines } from "./exchanges.ts";
export { readSource, type Source } from "./fence.ts";
export { LANGUAGES, lessonFile, lessonNamed, lessonNames, readLesson } from "./folder.ts";
export { highlighted, type Word, type WordKind } from "./highlight.ts";
export * from "./lesson.ts";
export { innerOf, textOf } from "./prose.ts";
export { sourceText } from "./source.ts";
