/** The REST reference: an OpenAPI document as one page. */

/**
 * @param {any} document what the server answers at /openapi.json
 * @returns {string} Markdown
 */
export function restPage(document) {
  const byTag = new Map(document.tags.map(({ name }) => [name, []]));
  for (const [path, methods] of Object.entries(document.paths)) for (const [method, operation] of Object.entries(methods)) byTag.get(operation.tags[0]).push({ path, method: method.toUpperCase(), ...operation });
  return `# REST

Every operation of the server, made from the document that it answers at \`/openapi.json\`. The token goes into the header \`Authorization: Bearer TOKEN\`, or into the parameter \`token\`. *ours*: not part of protocol 1.2. Errors are \`{ code, error, requestId }\` with the status that fits.

${[...byTag].filter(([, operations]) => operations.length > 0).map(([tag, operations]) => `## ${tag}\n\n${operations.map(section).join("\n")}`).join("\n")}`;
}

function section({ method, path, operationId, summary, parameters = [], requestBody, responses, ...more }) {
  const [status, success] = Object.entries(responses).find(([code]) => code.startsWith("2")) ?? ["", {}];
  const body = requestBody?.content["application/json"].schema;
  const answer = success.content?.["application/json"].schema;
  return `### ${operationId}

${escape(summary ?? "")}${more["x-since"] ? " *ours*" : ""}

\`${method} ${path}\`

${parameters.length > 0 ? `| parameter | in | type | |\n|---|---|---|---|\n${parameters.map((one) => `| \`${one.name}\` | ${one.in} | ${code(typeOf(one.schema))} | ${one.required ? "required" : ""} ${cell(one.schema.description ?? "")} |`).join("\n")}\n\n` : ""}${body ? `Body: ${shape(body)}\n\n` : ""}Answers ${status}${answer ? `: ${shape(answer)}` : ", without a body"}
`;
}

/** An object as a table of its properties, everything else as its type. */
function shape(schema) {
  if (schema.type !== "object" || !schema.properties) return code(typeOf(schema));
  const required = new Set(schema.required ?? []);
  return `an object\n\n| property | type | |\n|---|---|---|\n${Object.entries(schema.properties).map(([name, property]) => `| \`${name}\` | ${code(typeOf(property))} | ${required.has(name) ? "required" : ""} ${cell(property.description ?? "")} |`).join("\n")}`;
}

function typeOf(schema, depth = 0) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map((one) => typeOf(one, depth)))].join(" | ");
  if (schema.allOf) return schema.allOf.map((one) => typeOf(one, depth)).join(" & ");
  if (schema.type === "array") return Array.isArray(schema.items) ? `[${schema.items.map((one) => typeOf(one, depth)).join(", ")}]` : `${wrapped(typeOf(schema.items ?? {}, depth))}[]`;
  if (schema.type === "object" && schema.properties && depth < 2) return `{ ${Object.entries(schema.properties).map(([name, one]) => `${name}${schema.required?.includes(name) ? "" : "?"}: ${typeOf(one, depth + 1)}`).join(", ")} }`;
  return Array.isArray(schema.type) ? schema.type.join(" | ") : (schema.type ?? "any");
}

const wrapped = (type) => (type.includes(" | ") ? `(${type})` : type);
const code = (text) => `\`${text.replaceAll("|", "\\|")}\``;
const escape = (text) => text.replaceAll("<", "&lt;").replaceAll("{{", "{ {");
const cell = (text) => escape(text).replaceAll("|", "\\|").replaceAll("\n", " ");
