/** Draws a result by its type: one file named <type>.view.tsx per type, each loaded when first needed. */
import { Component, lazy, Suspense, type ComponentType, type ReactNode } from "react";
import { Skeleton } from "./Skeleton";
import { Quiet } from "./Quiet";
import type { AnyView, ViewProps } from "./view";

const files = import.meta.glob<{ default: ComponentType<ViewProps<never>> }>("./*.view.tsx");

const VIEWS: Record<string, ComponentType<ViewProps>> = Object.fromEntries(
  Object.entries(files).map(([path, load]) => [path.slice(2, -".view.tsx".length), lazy(load) as unknown as ComponentType<ViewProps>]),
);

/** A result that cannot be drawn must not take the canvas with it. */
class Guard extends Component<{ children: ReactNode; view: unknown }, { failed: unknown }> {
  state: { failed: unknown } = { failed: null };

  static getDerivedStateFromError() {
    return null;
  }

  componentDidCatch() {
    this.setState({ failed: this.props.view });
  }

  render() {
    if (this.state.failed !== null && this.state.failed === this.props.view) {
      return <Quiet>This result cannot be drawn here. Run the cell again, or reload the page.</Quiet>;
    }
    return this.props.children;
  }
}

export function View(props: Omit<ViewProps, "view"> & { view: AnyView | Record<string, unknown> | null | undefined }) {
  const view = props.view as AnyView | null | undefined;
  if (!view) return <Skeleton />;
  const Drawn = VIEWS[view.type];
  if (!Drawn) return <Quiet>Reload the page to see this result: it is of a newer kind.</Quiet>;
  return (
    <Guard view={view}>
      <Suspense fallback={<Skeleton />}>
        <Drawn {...props} view={view} />
      </Suspense>
    </Guard>
  );
}
