import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { PlusIcon } from "@primer/octicons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { UserData } from "@winnow/contract";
import { type FormEvent, useState } from "react";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { Page } from "../shell/page.tsx";
import { Loading } from "../states/loading.tsx";
import { NothingHere } from "../states/nothing-here.tsx";
import { Problem, messageOf } from "../states/problem.tsx";
import { said } from "../states/said.ts";
import { TeamCard } from "./team-card.tsx";

/** Groups of users that datasets are shared with at once: who is in them, and who may change that. */
export function TeamsPage() {
  const me = useQueryClient().getQueryData<UserData>(["me"]);
  const teams = useQuery({ queryKey: ["teams"], queryFn: ({ signal }) => call(routes.teams, { signal }) });
  const [making, setMaking] = useState(false);
  if (teams.error && !teams.data) return <Problem what="The teams" error={teams.error} retry={() => void teams.refetch()} />;
  if (!teams.data) return <Loading what="Loading the teams" />;
  const button = (
    <Button leftSection={<PlusIcon />} onClick={() => setMaking(true)}>
      New team
    </Button>
  );
  return (
    <Page title="Teams" text="Datasets are shared with a team as a whole, under People of the dataset." aside={teams.data.length > 0 && button}>
      {teams.data.length === 0 ? (
        <NothingHere order={2} title="You are in no team yet" text="Make one to share datasets with the same people again and again: who joins the team sees them, who leaves it no longer does.">
          {button}
        </NothingHere>
      ) : (
        teams.data.map((team) => <TeamCard key={team.id} team={team} me={me?.email} />)
      )}
      <NewTeam opened={making} me={me?.email} taken={teams.data.map(({ name }) => name)} onClose={() => setMaking(false)} />
    </Page>
  );
}

function NewTeam({ opened, me, taken, onClose }: { readonly opened: boolean; readonly me: string | undefined; readonly taken: readonly string[]; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const complaint = taken.includes(name.trim()) ? "You are in a team of this name already." : problem;
  const make = async (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() === "" || complaint !== undefined || me === undefined) return;
    setBusy(true);
    try {
      await call(routes.createTeam, { body: { name: name.trim(), members: [{ email: me, isAdmin: true }] } });
      await queries.invalidateQueries({ queryKey: ["teams"] });
      said(`The team “${name.trim()}” is there. Add who belongs to it.`);
      setName("");
      onClose();
    } catch (error) {
      setProblem(messageOf(error));
    }
    setBusy(false);
  };
  return (
    <Modal opened={opened} onClose={onClose} title="New team">
      <form onSubmit={(event) => void make(event)}>
        <Stack>
          <TextInput
            label="Name of the team"
            data-autofocus
            required
            maxLength={100}
            value={name}
            error={complaint}
            onChange={(event) => {
              setName(event.currentTarget.value);
              setProblem(undefined);
            }}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy} disabled={name.trim() === "" || complaint !== undefined}>
              Make the team
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
