/** The words of DuckDB's SELECT: what a SQL cell may hold, so that completion offers nothing else. */
import { SQLDialect } from "@codemirror/lang-sql";

const KEYWORDS = `all and anti any array as asc asof at between both by case cast collate cross cube current date desc describe distinct
  else end escape except exclude exists extract false fetch filter first following for from full glob group grouping having ilike in
  inner intersect interval is isnull join last lateral left like limit natural not notnull null nulls offset on or order outer over
  partition pivot positional preceding qualify range recursive replace respect ignore right rollup row rows sample select semi sets
  similar some summarize symmetric table tablesample then ties timestamp to trailing leading true try_cast unbounded union unnest
  unpivot using values when where window with within without`;
const TYPES = "bigint blob boolean bool date decimal double float hugeint integer int interval real smallint struct map list text time timestamp timestamptz tinyint ubigint uuid varchar";
const FUNCTIONS = `abs age approx_count_distinct approx_quantile arg_max arg_min array_agg avg ceil coalesce concat concat_ws contains corr count
  covar_pop covar_samp cume_dist date_add date_diff date_part date_trunc day dayname dense_rank ends_with epoch exp extract first_value floor
  format greatest hour if ifnull instr lag last_day last_value lead least left length list ln log lower lpad ltrim make_date max mean
  median min minute mode month monthname now ntile nullif percent_rank power product quantile_cont quantile_disc quarter random range rank
  regexp_extract regexp_matches regexp_replace repeat replace reverse right round row_number rpad rtrim second sign split_part sqrt
  starts_with stddev stddev_pop stddev_samp strftime string_agg strptime substring sum today trim trunc upper var_pop var_samp week
  weekday year`;

export const duck = SQLDialect.define({
  keywords: KEYWORDS, types: TYPES, builtin: FUNCTIONS,
  caseInsensitiveIdentifiers: true, doubleDollarQuotedStrings: true, operatorChars: "+-*/<>=~!@%^&|?:", specialVar: "$",
});
