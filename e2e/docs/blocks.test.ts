import { describe, expect, it } from "vitest";
import { blocksOf, stepsOf } from "./blocks.ts";

const fence = "```";

describe("blocks of a page", () => {
  it("have a language, their code without the indent of a list, and the line that they begin at", () => {
    expect(blocksOf(`# Title\n\n${fence}ts\nlet a = 1;\n\nlet b;\n${fence}\n1. then\n   ${fence}sh\n   ls\n     -l\n   ${fence}\n`)).toMatchObject([
      { language: "ts", code: "let a = 1;\n\nlet b;\n", line: 3 },
      { language: "sh", code: "ls\n  -l\n", line: 9 },
    ]);
  });

  it("may hold shorter fences", () => {
    expect(blocksOf(`${fence}\`md\n${fence}ts\nx\n${fence}\n${fence}\`\n`)).toMatchObject([{ language: "md", code: `${fence}ts\nx\n${fence}\n` }]);
  });

  it("are told about in comments right before them", () => {
    const page = `<!-- test: skip because it takes a day -->\n${fence}sh\nsleep 1d\n${fence}\n<!-- test: before\nlet a = 1;\nlet b = 2;\n-->\n<!-- test: prints 3 -->\n\n${fence}ts\nconsole.log(a + b);\n${fence}\n`;
    expect(blocksOf(page)).toMatchObject([{ skip: "it takes a day" }, { before: "let a = 1;\nlet b = 2;\n", prints: ["3"], code: "console.log(a + b);\n" }]);
  });

  it.each([
    [`<!-- test: skip -->\n${fence}ts\n${fence}`, "no test knows"],
    [`<!-- test: skip because -->\n${fence}ts\n${fence}`, "says nothing"],
    [`<!-- test: whatever -->\n${fence}ts\n${fence}`, "no test knows"],
    [`<!-- test: joined -->\nText.\n${fence}ts\n${fence}`, "right before"],
    [`<!-- test: before`, "no end"],
    [`<!-- test: joined -->\n`, "no block"],
    [`${fence}ts\nlet a;`, "no end"],
  ])("%j is a mistake", (page, message) => {
    expect(() => blocksOf(page)).toThrow(message);
  });

  it("that are joined are one step, where the last stands", () => {
    const page = `${fence}ts\na;\n${fence}\n${fence}sh\nls\n${fence}\n<!-- test: joined -->\n<!-- test: before\nb;\n-->\n${fence}ts\nc;\n${fence}\n`;
    expect(stepsOf(blocksOf(page))).toMatchObject([{ language: "sh" }, { language: "ts", before: "a;\nb;\n", code: "c;\n" }]);
    expect(() => stepsOf(blocksOf(`<!-- test: joined -->\n${fence}ts\na;\n${fence}\n`))).toThrow("no block that this one");
  });
});
