/** A file below `.lightly/` that isn't as specified. The message is a sentence that names file and field. */
export class SideFileError extends Error {
  /** Path of the file, as the reader was given it. */
  readonly file: string;
  /** Where in the file, for example `predictions[3].bbox[1]`; empty for the file as a whole. */
  readonly field: string;
  /** What was expected there. */
  readonly expected: string;

  constructor(file: string, field: string, expected: string, got: string) {
    super(`${file}: ${field === "" ? "the file" : `"${field}"`} must be ${expected}, got ${got}.`);
    this.name = new.target.name;
    this.file = file;
    this.field = field;
    this.expected = expected;
  }
}

/** A list of tasks, a task's schema or a prediction file that isn't as specified. */
export class PredictionFileError extends SideFileError {}

/** A metadata schema or metadata file that isn't as specified. */
export class MetadataFileError extends SideFileError {}

/** An annotation or label file of another tool that can't be converted. */
export class ConversionError extends SideFileError {}

type Kind<E extends SideFileError> = new (file: string, field: string, expected: string, got: string) => E;

/**
 * Runs a reader that throws and gives what is wrong as a value, so that one bad file of many is counted and not fatal.
 * Anything else that a reader runs into while it reads a hostile file (stack, memory of one value) counts as that too.
 */
export function orError<E extends SideFileError, Value>(kind: Kind<E>, file: string, read: () => Value): Value | E {
  try {
    return read();
  } catch (error) {
    if (error instanceof SideFileError) return error as E;
    if (error instanceof RangeError) return new kind(file, "", "readable", error.message);
    throw error;
  }
}
