/** Three quiet rows in place of a result that has not come yet. */
import s from "./body.module.css";

export function Skeleton() {
  return (
    <div className={s.skeleton} aria-hidden data-skeleton>
      <span /><span /><span />
    </div>
  );
}
