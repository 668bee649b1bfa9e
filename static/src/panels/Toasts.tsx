/** The notices of the page; anything may call `toast` of theme to show one. */
export { ToastRegion as Toasts } from "../theme";
