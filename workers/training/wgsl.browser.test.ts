// In one file, and so on one device (../testing/sharedDevice.ts): what several suites need is compiled once.
import './parity.wgsl.suite';
import './parity.fp16.suite';
import './trainerState.wgsl.suite';
import './savedModules.wgsl.suite';
import './dora.wgsl.suite';
import './languageModel.wgsl.suite';
