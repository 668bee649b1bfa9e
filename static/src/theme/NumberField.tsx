/** The number field, under its own name. */
export { NumberField, parseNumber, type NumberFieldProps } from "./TextField";
