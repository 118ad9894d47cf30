/** The boundary that leaves the frame in place when a page fails. */

import { ErrorNote, useAway } from "@rolecall/react/admin";
import { Component, type ReactNode } from "react";

interface BoundaryProps {
  children: ReactNode;
  lead: string;
  /** The address of the page. Another one is another attempt. */
  at: string;
  /** Prepares another attempt. */
  onRetry: () => void;
}

/** Shows the error of a page, and tries again at another address, and when the server is back. */
export function Boundary(props: BoundaryProps): ReactNode {
  return <Catching {...props} isAway={useAway() !== undefined} />;
}

const UNREACHABLE = { code: "client.unreachable" };

interface CatchingProps extends BoundaryProps {
  isAway: boolean;
}

class Catching extends Component<CatchingProps, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  retry = (): void => {
    this.props.onRetry();
    this.setState({ error: undefined });
  };

  override componentDidUpdate(before: CatchingProps): void {
    const { at, isAway } = this.props;
    if ((before.at !== at || (before.isAway && !isAway)) && this.state.error !== undefined) this.retry();
  }

  override render(): ReactNode {
    if (this.state.error === undefined) return this.props.children;
    // The script of a page is not there without the server.
    const error = this.props.isAway ? UNREACHABLE : this.state.error;
    return <ErrorNote error={error} lead={this.props.lead} retry={this.retry} />;
  }
}
