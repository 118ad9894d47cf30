/** Keeps the frame when a page fails. */

import { ErrorNote } from "@rolecall/react/admin";
import { Component, type ReactNode } from "react";

interface BoundaryProps {
  children: ReactNode;
  lead: string;
  /** The address of the page. Another one is another attempt. */
  at: string;
  /** Prepares another attempt. */
  onRetry: () => void;
}

export class Boundary extends Component<BoundaryProps, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  retry = (): void => {
    this.props.onRetry();
    this.setState({ error: undefined });
  };

  override componentDidUpdate(before: BoundaryProps): void {
    if (before.at !== this.props.at && this.state.error !== undefined) this.retry();
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    return <ErrorNote error={this.state.error} lead={this.props.lead} retry={this.retry} />;
  }
}
