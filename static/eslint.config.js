/** Lint rules: strict TypeScript, hooks, accessibility, and which folder may import which. */
import jsxA11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const FOLDERS = ["actions", "canvas", "cells", "connection", "document", "home", "inspector", "panels", "results", "theme", "views"];
const REACT = ["react", "react-dom", "react/*", "react-dom/*", "@xyflow/*", "@base-ui/*"];

/** Refuses imports from every folder but those named; `app` lists the files of app/ that may be read. */
function border(folder, allowed, { app = [], noReact = false, except = [] } = {}) {
  const refused = FOLDERS.filter((name) => name !== folder && !allowed.includes(name));
  const patterns = [
    { group: refused.flatMap((name) => [`../${name}/*`, `../**/${name}/*`]).concat(except.map((path) => `!${path}`)), message: `${folder}/ must not import this folder (CONTRIBUTING, layers).` },
    ...(app === true ? [] : [{ regex: `^\\.\\./app/(?!(${[...app, "$never"].join("|")})$)`, message: `${folder}/ must not import this part of app/.` }]),
    ...(noReact ? [{ group: REACT, message: `${folder}/ knows no React.` }] : []),
  ];
  return {
    files: [`src/${folder}/**/*.{ts,tsx}`],
    ignores: ["**/*.test.{ts,tsx}"],
    rules: { "no-restricted-imports": ["error", { patterns }] },
  };
}

const SEAMS = ["hooks", "session", "api", "bootstrap", "runs", "scripts", "sources", "ui"];

export default tseslint.config(
  { ignores: ["dist/**", "node_modules/**", "src/schema.gen.ts"] },
  ...tseslint.configs.recommended,
  jsxA11y.flatConfigs.recommended,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      "react-hooks/refs": "off",
      "react-hooks/set-state-in-effect": "off",
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "max-lines": ["error", 400],
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  border("document", [], { noReact: true }),
  border("results", [], { noReact: true }),
  border("connection", ["document"], { noReact: true }),
  border("theme", []),
  border("views", ["theme"], { app: SEAMS, except: ["../inspector/focus"] }),
  border("inspector", ["theme", "views", "document", "results", "actions"], { app: SEAMS, except: ["../cells/source", "../panels/EmptyCanvas"] }),
  border("cells", ["theme", "views", "inspector", "document", "results"], { app: SEAMS }),
  border("home", ["theme", "canvas", "panels"], { app: SEAMS }),
  border("panels", ["theme", "views", "inspector", "cells", "document", "results", "connection", "canvas", "actions"], { app: SEAMS }),
  border("canvas", ["theme", "views", "inspector", "cells", "document", "results", "connection", "actions"], { app: SEAMS }),
  border("actions", ["theme", "document", "results", "connection", "canvas"], { app: SEAMS, except: ["../panels/settings"] }),
);
