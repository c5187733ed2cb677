import { ActionIcon, Anchor, Menu, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { MoonIcon, PersonIcon, SignOutIcon, SunIcon } from "@primer/octicons-react";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { call } from "../api/call.ts";
import { routes } from "../api/routes.ts";
import { pages } from "../pages.ts";
import { failed } from "../states/said.ts";
import { UploadsPanel } from "../upload/uploads-panel.tsx";
import { AwayNotice, AwayProvider } from "./away.tsx";
import { JobsButton } from "./jobs-button.tsx";
import classes from "./shell.module.css";
import { Wordmark } from "./wordmark.tsx";

/** What stands around every page. */
export function Shell({ children }: { readonly children: ReactNode }) {
  return (
    <AwayProvider>
      <div className={classes["shell"]}>
        <a className={classes["skip"]} href="#content">
          Skip to the content
        </a>
        <header className={classes["header"]}>
          <Anchor component={Link} href="/" c="inherit" underline="never" aria-label="Winnow: all datasets">
            <Wordmark />
          </Anchor>
          <div id="place" className={classes["place"]} />
          <div className={classes["tools"]}>
            <JobsButton />
            <SchemeButton />
            <UserMenu />
          </div>
        </header>
        <AwayNotice />
        <main id="content" className={classes["content"]} tabIndex={-1}>
          {children}
        </main>
        <UploadsPanel />
      </div>
    </AwayProvider>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={dark ? "Use the light theme" : "Use the dark theme"} onClick={() => setColorScheme(dark ? "light" : "dark")}>
      {dark ? <SunIcon /> : <MoonIcon />}
    </ActionIcon>
  );
}

function UserMenu() {
  const queries = useQueryClient();
  const [, go] = useLocation();
  const me = queries.getQueryData<{ email: string }>(["me"]);
  const signOut = async () => {
    try {
      await call(routes.signOut, {});
      // What this user saw is nobody else's. The query of who is signed in stays, because the gate watches it.
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "me" });
      queries.setQueryData(["me"], null);
      go("/");
    } catch (error) {
      failed("You are still signed in", error);
    }
  };
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="You">
          <PersonIcon />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{me?.email}</Menu.Label>
        {pages.map(
          ({ path, menu }) =>
            menu && (
              <Menu.Item key={path} component={Link} href={path} leftSection={<menu.icon />}>
                {menu.title}
              </Menu.Item>
            ),
        )}
        <Menu.Item leftSection={<SignOutIcon />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
