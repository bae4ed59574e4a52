// JSON from somebody else holds whatever it likes where a text or a list is expected. So what we go on to use is looked at
// once, where it is read; a field that isn't there, or is null as Go writes it, is as good as one that is right.

export type Shape = (value: unknown) => boolean;

export const isText: Shape = (value) => typeof value === "string";
export const isFlag: Shape = (value) => typeof value === "boolean";
export const isNumber: Shape = (value) => typeof value === "number";

export function listOf(shape: Shape): Shape {
  return (value) => Array.isArray(value) && value.every(shape);
}

/** An object with any keys. */
export function mapOf(shape: Shape): Shape {
  return (value) => isObject(value) && Object.values(value).every(shape);
}

/** An object that, of these keys, has what they say or nothing. */
export function fieldsOf(shapes: Record<string, Shape>): Shape {
  return (value) => isObject(value) && wrongField(value, shapes) === undefined;
}

export const isAnything: Shape = () => true;

/** The first field of `object` that is not what it should be. */
export function wrongField(object: object, shapes: Record<string, Shape>): string | undefined {
  const values = object as Record<string, unknown>;
  return Object.keys(shapes).find((key) => {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    return value !== undefined && value !== null && !shapes[key]!(value);
  });
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
