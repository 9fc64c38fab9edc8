import { expect, test } from 'vitest';
import { metricOfLine } from '../../src/services/cloudwatch/torchserve-lines.js';

const HOST = '|#hostname:0e068ef0d27d,timestamp:1795266046';

/** As AWS's PyTorch image, TorchServe's own workers and multi-model-server print them. */
test.each([
  [
    `2026-11-21T13:00:45,408 [INFO ] pool-3-thread-1 TS_METRICS - CPUUtilization.Percent:33.3|#Level:Host${HOST}`,
    { name: 'CPUUtilization', unit: 'Percent', value: 33.3, dimensions: [['Level', 'Host']] },
  ],
  [
    `2026-11-21T13:00:46,747 [INFO ] W-9000-model_1.0 TS_METRICS - WorkerLoadTime.Milliseconds:2495.0|#WorkerName:W-9000-model_1.0,Level:Host${HOST}`,
    {
      ...{ name: 'WorkerLoadTime', unit: 'Milliseconds', value: 2495 },
      dimensions: [
        ['Level', 'Host'],
        ['WorkerName', 'W-9000-model_1.0'],
      ],
    },
  ],
  [
    `2026-11-21T13:00:46,764 [INFO ] W-9000 TS_METRICS - ts_inference_latency_microseconds.Microseconds:1.038E6|#model_name:model${HOST}`,
    {
      ...{ name: 'ts_inference_latency_microseconds', unit: 'Microseconds', value: 1_038_000 },
      dimensions: [['model_name', 'model']],
    },
  ],
  [
    '2026-11-21T13:00:46,760 [INFO ] W-9000-stdout MODEL_METRICS - PredictionTime.ms:4.16|#ModelName:model,Level:Model|#hostname:0e068ef0d27d,requestID:32ea3934-b5c8-4bb2-9b62-b482f41bad5d,timestamp:1795266046',
    {
      ...{ name: 'PredictionTime', unit: 'Milliseconds', value: 4.16 },
      dimensions: [
        ['Level', 'Model'],
        ['ModelName', 'model'],
      ],
    },
  ],
  [
    '[METRICS]Size of batch.unit:-2|#ModelName:m,Level:Model|#type:GAUGE|#hostname:h,1795266039,cb59779b',
    {
      ...{ name: 'Size of batch', unit: 'None', value: -2 },
      dimensions: [
        ['Level', 'Model'],
        ['ModelName', 'm'],
      ],
    },
  ],
  [
    `DiskAvailable.Gigabytes:318.04|#${HOST}`,
    { name: 'DiskAvailable', unit: 'Gigabytes', value: 318.04, dimensions: [] },
  ],
])('%s is read as a metric', (line, metric) => {
  expect(metricOfLine(line)).toEqual(metric);
});

test.each([
  ['a line like any other'],
  ['epoch 3 loss.mean:0.25'],
  // TorchServe's echo of what comes again by its own name.
  [
    'WorkerLifeCycle - result=[METRICS]PredictionTime.Milliseconds:4.16|#ModelName:m,Level:Model|#type:GAUGE|#hostname:h,1795266046,32ea, pattern=[METRICS]',
  ],
  [`Nothing.Count:NaN|#Level:Host${HOST}`],
  [`Much.Count:1e999|#Level:Host${HOST}`],
  [`Odd.Count:1.2.3|#Level:Host${HOST}`],
  [`Loss.Count:1|#no dimension${HOST}`],
  [`Loss.Count:1|#endpoint:mine${HOST}`],
  [`Loss.Count:1|#__name__:mine${HOST}`],
  [`Loss.Count:1|#${Array.from({ length: 9 }, (_, i) => `d${i}:v`).join(',')}${HOST}`],
  [`Loss.Count:1|#Level:${'x'.repeat(3000)}${HOST}`],
  [`${'x'.repeat(100_000)}|#hostname:`],
  [`${' - '.repeat(600)}|#hostname:`],
])('%s is none', (line) => {
  expect(metricOfLine(line)).toBeUndefined();
});
