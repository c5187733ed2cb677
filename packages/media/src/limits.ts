/** What may be decoded. Files come from users and datasources: neither their size nor their headers are to be trusted. */
export interface ImageLimits {
  /** Most pixels (width × height) that an image may declare. */
  readonly pixelsMax: number;
  /** Most bytes that a file may have, before anything of it is read. */
  readonly sizeBytesMax: number;
}

/**
 * 178,956,970 pixels is where the Python imaging library refuses to decode; as RGB that is 537 MB, the most that one
 * image can take here. Files are read whole, so they are limited to 512 MiB.
 */
export const DEFAULT_LIMITS: ImageLimits = Object.freeze({ pixelsMax: 178_956_970, sizeBytesMax: 512 * 1024 * 1024 });
