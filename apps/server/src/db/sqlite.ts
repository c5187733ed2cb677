/** SQLite as a dialect of the query builder: one connection a thread, statements prepared once. */
import { DatabaseSync, type StatementSyncInstance, type DatabaseSyncInstance } from "@photostructure/sqlite";
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from "kysely";

const statementsKeptMax = 500;

class SqliteConnection implements DatabaseConnection {
  readonly #statements = new Map<string, StatementSyncInstance>();

  constructor(readonly database: DatabaseSyncInstance) {}

  #prepare(sql: string): StatementSyncInstance {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.database.prepare(sql);
      // Statements with a varying number of rows would fill the cache for nothing.
      if (sql.length < 4096) {
        if (this.#statements.size >= statementsKeptMax) this.#statements.delete(this.#statements.keys().next().value as string);
        this.#statements.set(sql, statement);
      }
    }
    return statement;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    const statement = this.#prepare(query.sql);
    const parameters = query.parameters.map((value) => (typeof value === "boolean" ? Number(value) : value)) as never[];
    if (query.query.kind === "SelectQueryNode" || statement.columns().length > 0) {
      return { rows: statement.all(...parameters) as Row[] };
    }
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  // oxlint-disable-next-line require-yield -- SQLite is read in pages by key, never by cursor.
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new Error("SQLite queries are not streamed: read by key in pages");
  }
}

/** Only one at a time may hold the connection: queries wait while a transaction is open. */
class Turn {
  #held = false;
  readonly #waiting: (() => void)[] = [];

  async take(): Promise<void> {
    if (!this.#held) {
      this.#held = true;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#held = false;
  }
}

class SqliteDriver implements Driver {
  #connection?: SqliteConnection;
  readonly #turn = new Turn();

  constructor(readonly open: () => DatabaseSyncInstance) {}

  async init(): Promise<void> {
    this.#connection = new SqliteConnection(this.open());
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    await this.#turn.take();
    return this.#connection as SqliteConnection;
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    // Immediate: two writers wait for each other at the start instead of failing in the middle.
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("commit"));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    try {
      await connection.executeQuery(CompiledQuery.raw("rollback"));
    } catch (error) {
      // After some failures (a full disk) SQLite has rolled back by itself: what failed is told then, not this.
      if (!/no transaction is active/.test((error as Error).message)) throw error;
    }
  }

  async releaseConnection(): Promise<void> {
    this.#turn.give();
  }

  async destroy(): Promise<void> {
    this.#connection?.database.close();
  }
}

/** Opens the file, creating it; every commit is on the disk before it is acknowledged. */
function openSqliteFile(path: string): DatabaseSyncInstance {
  const database = new DatabaseSync(path);
  database.exec("pragma busy_timeout = 30000");
  database.exec("pragma journal_mode = wal");
  database.exec("pragma synchronous = full");
  database.exec("pragma foreign_keys = on");
  database.exec("pragma cache_size = -65536");
  database.exec("pragma temp_store = memory");
  return database;
}

export function sqliteDialect(path: string): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(() => openSqliteFile(path)),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}
