/** The canvas: React Flow with our cells and links, the far view, peers, map and tools. */
import "@xyflow/react/dist/base.css";
import { Background, BackgroundVariant, ReactFlow, ReactFlowProvider, SelectionMode, type Viewport } from "@xyflow/react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useCanEdit } from "../app/hooks";
import { CellNode } from "./CellNode";
import { ConnectList } from "./ConnectList";
import { Cursors } from "./Cursors";
import { FarCanvas } from "./FarCanvas";
import { FollowFrame } from "./FollowFrame";
import { Links } from "./Links";
import { Minimap } from "./Minimap";
import { MultiToolbar } from "./MultiToolbar";
import { Tools } from "./Tools";
import { UploadGhosts } from "./UploadGhosts";
import { listenForClipboard } from "./clipboard";
import { connectEnd, connectStart, connected, isValid } from "./connect";
import { detail } from "./detail";
import { dragOver, dropped, leftDrag } from "./dropping";
import { flow } from "./flow";
import { followPeerDrags, nodesChanged, trackAlt } from "./gestures";
import { LiveRegion } from "./LiveRegion";
import { onPaneClick, onPaneDoubleClick, pointerLeft, pointerMoved } from "./pane";
import { watchScene } from "./scene";
import s from "./surface.module.css";
import { startView, useViewport } from "./use-viewport";

const NODE_TYPES = { cell: CellNode };
const NONE: never[] = [];
const PAN_BUTTONS = [1];
const ZOOM_KEYS = ["Meta", "Control"];
const PRO = { hideAttribution: true };

export function Surface() {
  const [start] = useState(startView);
  return (
    <ReactFlowProvider>
      <Desk start={start} />
    </ReactFlowProvider>
  );
}

/** Everything that listens while a canvas is on screen. */
function useListeners(): void {
  useEffect(() => {
    const stops = [flow.start(), watchScene(), trackAlt(), followPeerDrags(), listenForClipboard()];
    return () => stops.forEach((stop) => stop());
  }, []);
}

function Desk({ start }: { start: Viewport }) {
  useListeners();
  const nodes = useSyncExternalStore(flow.subscribe, flow.nodes);
  const level = useSyncExternalStore(detail.subscribe, detail.get);
  const canEdit = useCanEdit();
  const view = useViewport();
  const far = level === "far";
  return (
    <section
      ref={view.host}
      className={s.surface}
      data-region="canvas"
      data-detail={level}
      aria-label="Canvas"
      onPointerMove={pointerMoved}
      onPointerLeave={pointerLeft}
      onDragOver={dragOver}
      onDragLeave={leftDrag}
      onDrop={dropped}
      onDoubleClick={onPaneDoubleClick}
    >
      <ReactFlow
        nodes={far ? NONE : nodes}
        nodeTypes={NODE_TYPES}
        defaultViewport={start}
        onNodesChange={nodesChanged}
        onConnect={connected}
        onConnectStart={connectStart}
        onConnectEnd={connectEnd}
        isValidConnection={isValid}
        onMoveStart={view.onMoveStart}
        onMove={view.onMove}
        onMoveEnd={view.onMoveEnd}
        onPaneClick={onPaneClick}
        nodesDraggable={canEdit}
        nodesConnectable={canEdit}
        minZoom={0.05}
        maxZoom={4}
        panOnScroll
        panOnScrollSpeed={1}
        panOnDrag={PAN_BUTTONS}
        panActivationKeyCode="Space"
        zoomActivationKeyCode={ZOOM_KEYS}
        zoomOnDoubleClick={false}
        selectionOnDrag
        selectionMode={SelectionMode.Partial}
        multiSelectionKeyCode="Shift"
        selectionKeyCode={null}
        deleteKeyCode={null}
        connectionRadius={24}
        nodeDragThreshold={3}
        nodesFocusable={false}
        disableKeyboardA11y
        elevateNodesOnSelect={false}
        onlyRenderVisibleElements
        proOptions={PRO}
      >
        {level === "near" && <Background variant={BackgroundVariant.Dots} gap={20} size={2} color="var(--dot)" />}
        {!far && <Links />}
        <UploadGhosts />
      </ReactFlow>
      <FarCanvas />
      <Cursors />
      <FollowFrame />
      <MultiToolbar />
      <Tools />
      <div className={`${s.island} ${s.mapIsland}`}>
        <Minimap />
      </div>
      <ConnectList />
      <LiveRegion />
    </section>
  );
}
