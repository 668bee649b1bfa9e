/** Where a data cell's rows come from: a sample that comes with the program, or a file. */
import { useRef, useState } from "react";
import { Button, Select } from "../theme";
import { percent } from "../theme/format";
import s from "./inspector.module.css";
import { uploadInto, useSamples } from "./source";

export interface SourceFieldProps {
  id?: string;
  cell: string;
  param: string;
  value: string;
  disabled: boolean;
  onChange: (value: unknown) => void;
}

export function SourceField({ id, cell, param, value, disabled, onChange }: SourceFieldProps) {
  const samples = useSamples();
  const picker = useRef<HTMLInputElement>(null);
  const [share, setShare] = useState<number | null>(null);
  const choices = samples.map((each) => ({ value: `sample:${each.name}`, label: each.title }));
  if (value && !choices.some((c) => c.value === value)) choices.unshift({ value, label: value.startsWith("upload:") ? "Uploaded file" : value.replace(/^sample:/, "") });
  const send = async (file: File) => {
    setShare(0);
    await uploadInto(cell, param, file, setShare);
    setShare(null);
  };
  return (
    <div className={s.stack}>
      <Select id={id} label="Source" value={value || null} choices={choices} placeholder="Pick a sample" disabled={disabled} onChange={onChange} />
      {!disabled && (
        <Button icon="upload" reason={share === null ? undefined : "Wait for the upload to end"} onClick={() => picker.current?.click()}>
          {share === null ? "Upload a file" : `Uploading, ${percent(share)}`}
        </Button>
      )}
      <input
        ref={picker} type="file" hidden aria-label="Upload a file" accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,.parquet,.xlsx,.xls,.ods"
        onChange={(e) => { const file = e.target.files?.[0]; e.target.value = ""; if (file) void send(file); }}
      />
    </div>
  );
}
