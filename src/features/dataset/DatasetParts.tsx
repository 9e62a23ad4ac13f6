import { useEffect, useState } from 'react';
import type { CleaningReport } from '../../../workers/api/cleaning';
import type { DatasetSummary } from '../../../workers/api/dataset';
import { askCleaningReport } from '../../state/commands';
import { Browse } from './Browse';
import { CleanTexts } from './CleanTexts';
import { ColumnOptions } from './ColumnOptions';
import { Columns } from './Columns';
import { DataWarnings } from './DataWarnings';
import { FirstBatch } from './FirstBatch';
import { LengthsPart } from './LengthsPart';
import { SkippedRows } from './SkippedRows';
import { SplitPart } from './SplitPart';

/** The Data panel open: everything that can be done with the rows, and what came of it. */
export function DatasetParts({ dataset }: { dataset: DatasetSummary }) {
  const report = useCleaningReport(dataset);
  return (
    <>
      <Columns dataset={dataset} isOpen />
      <ColumnOptions dataset={dataset} />
      <DataWarnings dataset={dataset} />
      <CleanTexts dataset={dataset} report={report} />
      <SplitPart dataset={dataset} report={report} />
      <SkippedRows dataset={dataset} />
      <LengthsPart />
      <FirstBatch dataset={dataset} />
      <Browse dataset={dataset} />
    </>
  );
}

/** Counted anew for every change; the figures before stay until then. */
function useCleaningReport(dataset: DatasetSummary): CleaningReport | null {
  const [report, setReport] = useState<CleaningReport | null>(null);
  useEffect(() => {
    let isWanted = true;
    void askCleaningReport().then((found) => isWanted && found && setReport(found));
    return () => {
      isWanted = false;
    };
  }, [dataset]);
  return report;
}
