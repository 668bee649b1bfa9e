/** Lucide icons by name, and the quiet default for a name that is not drawn here. */
import {
  ArrowDown, ArrowLeft, ArrowRight, ArrowUp, Binary, Box, Braces, Brush, Calculator, Calendar, CalendarClock, ChartBar, ChartColumn, ChartLine,
  ChartScatter, Check, ChevronDown, ChevronLeft, ChevronRight, ChevronUp, Circle, CircleDashed, CircleHelp, Clock, CloudOff, Code,
  Combine, Copy, Database, Download, Ellipsis, Eye, FileSpreadsheet, Filter, FilterX, FlaskConical, FunctionSquare, Gauge, Globe, GripVertical, Group, Hash, History, House, ImageDown, Keyboard,
  Lasso, Layers, LayoutGrid, Lightbulb, Link, List, ListChecks, ListTree, LoaderCircle, Lock, LogOut, Map as MapIcon, Maximize, Merge, MessageSquare, Minus, Monitor, Moon,
  MousePointer2, PanelLeft, PanelRight, Pencil, Pin, Play, Plus, Redo2, Rocket, RotateCw, Scan, Search, Server, Settings, Share2, Sigma, SlidersHorizontal, Sparkles, TableProperties,
  Split, Square, SquareDashed, Star, Sun, Table2, Tag, Target, TextCursorInput, ToggleLeft, Trash2, TriangleAlert, Trophy, Type, Undo2, Upload, UserPlus, Users, Wand,
  X, Zap, ZoomIn, type LucideIcon,
} from "lucide-react";

const ICONS: Record<string, LucideIcon> = {
  "arrow-down": ArrowDown, "arrow-left": ArrowLeft, "arrow-right": ArrowRight, "arrow-up": ArrowUp, binary: Binary, box: Box, braces: Braces, brush: Brush,
  calculator: Calculator, calendar: Calendar, "calendar-clock": CalendarClock, "chart-bar": ChartBar, "chart-column": ChartColumn, "chart-line": ChartLine,
  "chart-scatter": ChartScatter, "bar-chart": ChartColumn, "bar-chart-3": ChartColumn, chart: ChartColumn,
  check: Check, "chevron-down": ChevronDown, "chevron-left": ChevronLeft, "chevron-right": ChevronRight, "chevron-up": ChevronUp, circle: Circle,
  "circle-dashed": CircleDashed, help: CircleHelp, clock: Clock, "cloud-off": CloudOff, code: Code, combine: Combine, copy: Copy, database: Database,
  download: Download, ellipsis: Ellipsis, eye: Eye, "file-spreadsheet": FileSpreadsheet, filter: Filter, funnel: Filter, "filter-x": FilterX, "flask-conical": FlaskConical,
  "function-square": FunctionSquare, "square-function": FunctionSquare, function: FunctionSquare, gauge: Gauge, globe: Globe, group: Group, "grip-vertical": GripVertical, hash: Hash, history: History,
  house: House, "image-down": ImageDown, keyboard: Keyboard, lasso: Lasso, layers: Layers, "layout-grid": LayoutGrid, lightbulb: Lightbulb, link: Link, list: List, "list-checks": ListChecks, "list-tree": ListTree,
  loader: LoaderCircle, lock: Lock, "log-out": LogOut, map: MapIcon, maximize: Maximize, merge: Merge, "message-square": MessageSquare, minus: Minus,
  monitor: Monitor, moon: Moon, pointer: MousePointer2, "panel-left": PanelLeft, "panel-right": PanelRight, pencil: Pencil, pin: Pin, play: Play, plus: Plus,
  redo: Redo2, rocket: Rocket, "rotate-cw": RotateCw, scan: Scan, search: Search, server: Server, settings: Settings, share: Share2, sigma: Sigma,
  "sliders-horizontal": SlidersHorizontal, sparkles: Sparkles, split: Split, square: Square, "square-dashed": SquareDashed, star: Star, sun: Sun, table: Table2, "table-2": Table2, "table-properties": TableProperties, tag: Tag,
  target: Target, "text-cursor": TextCursorInput, "toggle-left": ToggleLeft, trash: Trash2, "trash-2": Trash2, "triangle-alert": TriangleAlert, trophy: Trophy,
  type: Type, text: Type, undo: Undo2, upload: Upload, "user-plus": UserPlus, users: Users, wand: Wand, x: X, zap: Zap, "zoom-in": ZoomIn,
};

export function Icon({ name, size = 16, className }: { name: string; size?: number; className?: string }) {
  const Drawn = ICONS[name] ?? Box;
  return <Drawn size={size} strokeWidth={1.75} className={className} overflow="visible" aria-hidden focusable={false} />;
}
