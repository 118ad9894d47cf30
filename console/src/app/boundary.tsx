/** Keeps the frame when a page fails. */

import { ErrorNote } from "@rolecall/react/admin";
import { Component, type ReactNode } from "react";

export class Boundary extends Component<{ children: ReactNode; lead: string }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    const retry = (): void => this.setState({ error: undefined });
    return <ErrorNote error={this.state.error} lead={this.props.lead} retry={retry} />;
  }
}
