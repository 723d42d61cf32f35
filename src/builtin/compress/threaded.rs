//! zstd and xz files by the threads of their libraries. The bytes do not depend on the
//! number of threads.

use std::io::{self, BufRead, Write};

use liblzma::stream::{Action, Check, MtStreamBuilder, PRESET_EXTREME, Status, Stream};
use zstd::stream::raw::{CParameter, Encoder as RawEncoder, InBuffer, Operation, OutBuffer};

use super::settings::CompressionSettings;
use crate::builtin::builtin_io::{BuiltinIo, CHUNK};
use crate::os::system_metrics::SystemMetrics;

/// Milliseconds that the library of xz works between two checks for the end of the job.
const CHECK_INTERVAL: u32 = 100;

/// Level from which on zstd's library gets no threads: a piece of a file would be hundreds
/// of megabytes, and the end of a job would be noticed late.
const ULTRA: i32 = 20;

/// Window of `--long`, as a power of two: the largest that all decoders accept.
const LONG: u32 = 27;

trait StepEncoder {
    /// Takes some of the input, gives some output. An empty input is the end.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<EncodeStep>;
}

struct EncodeStep {
    read: usize,
    written: usize,
    is_last: bool,
}

/// A zstd file with a checksum.
pub(super) fn zstd(
    source: &mut dyn BufRead,
    out: &mut dyn Write,
    settings: &CompressionSettings,
    stdio: &BuiltinIo<'_>,
) -> io::Result<()> {
    let mut encoder = RawEncoder::new(settings.level)?;
    encoder.set_parameter(CParameter::ChecksumFlag(true))?;
    if settings.level < ULTRA {
        encoder.set_parameter(CParameter::NbWorkers(threads(settings, stdio)))?;
    }
    if settings.effort.long {
        encoder.set_parameter(CParameter::EnableLongDistanceMatching(true))?;
        encoder.set_parameter(CParameter::WindowLog(LONG))?;
    }
    let mut encoder = ZstdEncoder(encoder);
    let encoded = encode(&mut encoder, source, out, stdio);
    if encoded.is_err() {
        // Its threads finish what they have begun, for seconds at a high level.
        stdio.workers().drop_later(encoder);
    }
    encoded
}

/// An xz file.
pub(super) fn xz(
    source: &mut dyn BufRead,
    out: &mut dyn Write,
    settings: &CompressionSettings,
    stdio: &BuiltinIo<'_>,
) -> io::Result<()> {
    let preset = if settings.effort.extreme {
        settings.level as u32 | PRESET_EXTREME
    } else {
        settings.level as u32
    };
    let mut builder = MtStreamBuilder::new();
    builder
        .preset(preset)
        .check(Check::Crc64)
        .timeout_ms(CHECK_INTERVAL);
    // A thread takes 160 MB at level 6, over a gigabyte at level 9. xz(1) takes a quarter of
    // the memory when nobody tells how many threads it is to have.
    let memory = SystemMetrics::system().total_memory().unwrap_or(u64::MAX);
    let most = memory / 4 / stdio.workers().running() as u64;
    let mut threads = threads(settings, stdio);
    while builder.threads(threads).memusage() > most && threads > 1 {
        threads -= 1;
    }
    encode(&mut XzEncoder(builder.encoder()?), source, out, stdio)
}

fn threads(settings: &CompressionSettings, stdio: &BuiltinIo<'_>) -> u32 {
    let most = settings.effort.threads.unwrap_or(usize::MAX);
    most.min(stdio.workers().share()) as u32
}

fn encode(
    encoder: &mut dyn StepEncoder,
    source: &mut dyn BufRead,
    out: &mut dyn Write,
    stdio: &BuiltinIo<'_>,
) -> io::Result<()> {
    let mut output = vec![0; CHUNK];
    loop {
        let input = source.fill_buf()?;
        let step = encoder.step(input, &mut output)?;
        source.consume(step.read);
        out.write_all(&output[..step.written])?;
        if step.is_last {
            return Ok(());
        }
        stdio.check()?;
    }
}

struct ZstdEncoder(RawEncoder<'static>);

impl StepEncoder for ZstdEncoder {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<EncodeStep> {
        let is_end = input.is_empty();
        let (mut input, mut output) = (InBuffer::around(input), OutBuffer::around(output));
        let is_last = if is_end {
            self.0.finish(&mut output, false)? == 0
        } else {
            self.0.run(&mut input, &mut output)?;
            false
        };
        Ok(EncodeStep {
            read: input.pos(),
            written: output.pos(),
            is_last,
        })
    }
}

struct XzEncoder(Stream);

impl StepEncoder for XzEncoder {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> io::Result<EncodeStep> {
        let action = if input.is_empty() {
            Action::Finish
        } else {
            Action::Run
        };
        let before = (self.0.total_in(), self.0.total_out());
        let status = self.0.process(input, output, action)?;
        Ok(EncodeStep {
            read: (self.0.total_in() - before.0) as usize,
            written: (self.0.total_out() - before.1) as usize,
            is_last: status == Status::StreamEnd,
        })
    }
}
