/** The primitives every panel and view is built from. */
export { Button, IconButton, Key, type ButtonProps, type IconButtonProps } from "./Button";
export { cx } from "./classes";
export { ColumnPicker, ColumnsPicker } from "./ColumnPicker";
export { Dialog, DialogActions } from "./Dialog";
export { Icon } from "./Icon";
export { Menu, type MenuEntry } from "./Menu";
export { Popover } from "./Popover";
export { Select, type Choice } from "./Select";
export { Slider } from "./Slider";
export { Switch } from "./Switch";
export { Tabs, type Tab } from "./Tabs";
export { NumberField, TextField } from "./TextField";
export { toast, ToastRegion, type Notice } from "./Toast";
export { Tooltip } from "./Tooltip";
export { TypeGlyph, typeWord } from "./TypeGlyph";
