import type { TagData } from "@winnow/contract";
import { BitMask, type Scorer } from "@winnow/curation";
import type { ApiWorkflowClient } from "../client.ts";
import { RuntimeError, TagDoesNotExistError, ValueError, WinnowWarning } from "../errors.ts";
import type { SelectionConfig } from "../selection-config.ts";
import type { SelectionOptions } from "../selection.ts";
import { chosenBy } from "../tags.ts";
import type { CallOptions } from "../transport.ts";

/** A tag and which samples it holds. */
interface Chosen {
  readonly tagId: string | undefined;
  readonly mask: BitMask;
}

interface State {
  readonly query: Chosen & { readonly tagId: string };
  preselected: Chosen;
}

/**
 * Active learning in rounds: select, label, train, predict, score, select more. It keeps track of what is labelled (the
 * preselected tag) and what there is to choose from (the query tag). Nothing is asked of the server before the first
 * use; the file names are asked for anew at every look at a set, so keep what you have read.
 *
 * @example
 * const agent = new ActiveLearningAgent(client);
 * await agent.query(new SelectionConfig({ nSamples: 100, name: "first" }));
 * train(await agent.labeledSet);
 * // Predictions in the order of the query set:
 * const predictions = (await agent.querySet).map(predict);
 * await agent.query(new SelectionConfig({ method: "CORAL", nSamples: 200, name: "second" }), new ScorerClassification(predictions));
 * label(await agent.addedSet);
 */
export class ActiveLearningAgent {
  readonly #client: ApiWorkflowClient;
  readonly #queryTagName: string;
  readonly #preselectedTagName: string | undefined;
  #state: Promise<State> | undefined;
  /** What was preselected before the last query. */
  #before: BitMask | undefined;

  /**
   * @param client its current dataset is the one to work on
   * @param queryTagName the samples to choose from; default all
   * @param preselectedTagName the samples that are labelled already; default none
   */
  constructor(client: ApiWorkflowClient, queryTagName = "initial-tag", preselectedTagName?: string) {
    this.#client = client;
    this.#queryTagName = queryTagName;
    this.#preselectedTagName = preselectedTagName;
  }

  /** Looks the tags up now, to find mistakes early. @throws TagDoesNotExistError when the dataset has no tag of a name; ApiError */
  async ready(options: CallOptions = {}): Promise<void> {
    await this.#known(options);
  }

  /**
   * File names to calculate scores for, by ordinal: those of the query tag.
   * @throws as {@link ready}
   */
  get querySet(): Promise<string[]> {
    return this.#names(({ query }) => query.mask);
  }

  /** File names that are selected: those of the preselected tag. @throws as {@link ready} */
  get labeledSet(): Promise<string[]> {
    return this.#names(({ preselected }) => preselected.mask);
  }

  /** {@link labeledSet} in the other spelling. */
  get labelledSet(): Promise<string[]> {
    return this.labeledSet;
  }

  /** File names of the query set that are not selected. @throws as {@link ready} */
  get unlabeledSet(): Promise<string[]> {
    return this.#names(({ query, preselected }) => query.mask.difference(preselected.mask));
  }

  /** {@link unlabeledSet} in the other spelling. */
  get unlabelledSet(): Promise<string[]> {
    return this.unlabeledSet;
  }

  /** File names that the last query added. @throws RuntimeError when there was no query yet */
  get addedSet(): Promise<string[]> {
    const before = this.#before;
    if (before === undefined) return Promise.reject(new RuntimeError("there is no added set before the first query"));
    return this.#names(({ preselected }) => preselected.mask.difference(before));
  }

  /**
   * Calculates scores and stores them for the query tag.
   * @param scorer its predictions must be in the order of {@link querySet}
   * @throws ValueError when it gives no scores (a generator that was used up) or another number of scores than the query
   *   set has samples
   */
  async uploadScores(scorer: Scorer, options: CallOptions = {}): Promise<void> {
    const { query } = await this.#known(options);
    const scores = await scorer.calculateScores();
    if (Object.keys(scores).length === 0) throw new ValueError("the scorer gave no scores; a generator of predictions can be used once only, so give it a fresh one");
    const samples = (await this.#names(() => query.mask, options)).length;
    for (const [name, values] of Object.entries(scores)) {
      if (values.length !== samples) throw new ValueError(`the query set has ${samples} samples, but there are ${values.length} scores ${name}: predict for each of the query set, in its order`);
    }
    await this.#client.uploadScores(scores, { queryTagId: query.tagId, ...options });
  }

  /**
   * One round: stores the scorer's scores, if there is one, and selects. The new tag holds what was labelled and what was
   * added, and becomes the preselected one; the query set stays. When `nSamples`, which counts the labelled samples, is
   * below their number, nothing is done but to warn through the client's `onWarning`. As in Python that goes for any
   * number below, so a round needs `nSamples` as a count, also beside a minimum distance.
   * @throws as {@link uploadScores} and the client's `selection`; the agent is then as it was before
   */
  async query(selectionConfig: SelectionConfig, scorer?: Scorer, options: Pick<SelectionOptions, "signal" | "onProgress"> = {}): Promise<void> {
    const { signal } = options;
    const state = await this.#known({ signal });
    const labelled = (await this.#names(({ preselected }) => preselected.mask, { signal })).length;
    if (selectionConfig.nSamples < labelled) {
      const warning = new WinnowWarning(`nothing is selected: ${selectionConfig.nSamples} samples are asked for, but ${labelled} are labelled already, and they count`);
      // Protected, for members of the client; the agent is as good as one.
      this.#client["warn"](warning);
      return;
    }
    if (scorer !== undefined) await this.uploadScores(scorer, { signal });
    const tag = await this.#client.selection(selectionConfig, {
      ...(state.preselected.tagId === undefined ? {} : { preselectedTagId: state.preselected.tagId }),
      queryTagId: state.query.tagId,
      ...options,
    });
    const chosen = await this.#chosen(tag.id, { signal });
    this.#before = state.preselected.mask;
    state.preselected = chosen;
  }

  #known(options: CallOptions): Promise<State> {
    // A look-up that failed is tried again at the next use.
    this.#state ??= this.#lookUp(options).catch((error: unknown) => {
      this.#state = undefined;
      throw error;
    });
    return this.#state;
  }

  async #lookUp(options: CallOptions): Promise<State> {
    const tags = await this.#client.getAllTags(options);
    const query = await this.#chosen(idOf(this.#queryTagName, tags), options);
    const name = this.#preselectedTagName;
    return { query, preselected: name === undefined ? { tagId: undefined, mask: BitMask.empty(0) } : await this.#chosen(idOf(name, tags), options) };
  }

  async #chosen(tagId: string, options: CallOptions): Promise<Chosen & { readonly tagId: string }> {
    const { bitMaskData } = await this.#client.getTagById(tagId, options);
    return { tagId, mask: BitMask.fromHex(bitMaskData) };
  }

  async #names(maskOf: (state: State) => BitMask, options: CallOptions = {}): Promise<string[]> {
    const mask = maskOf(await this.#known(options));
    return chosenBy(mask.toHex(), await this.#client.getFilenames(options));
  }
}

function idOf(tagName: string, tags: readonly TagData[]): string {
  const found = tags.findLast(({ name }) => name === tagName);
  if (found === undefined) throw new TagDoesNotExistError(`the dataset has no tag with the name ${tagName}`);
  return found.id;
}
