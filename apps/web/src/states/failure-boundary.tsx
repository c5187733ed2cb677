import { Component, type ReactNode } from "react";
import { Problem } from "./problem.tsx";

/** Keeps a screen that broke from taking the others with it. A part of the app that could not be loaded (a new release, a lost connection) comes back by a reload. */
export class FailureBoundary extends Component<{ readonly what: string; readonly children: ReactNode }, { readonly error: unknown }> {
  override state = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return <Problem what={this.props.what} error={this.state.error} retry={() => window.location.reload()} />;
  }
}
