/** Version of this package; a test holds it to package.json. */
export const VERSION = "0.1.0";

/** Release of the protocol's client that this one stands in for: servers state their minimum in these numbers. */
export const PROTOCOL_VERSION = "1.2.24";
