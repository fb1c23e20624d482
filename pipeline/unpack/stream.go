package unpack

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// What it costs to set up a decompressor, in bytes of work.
const (
	setUp      = 4 << 10
	setUpZstd  = 256 << 10
	setUpBlock = 400_000 // bzip2, for each of its levels
	maxWindow  = 8 << 20 // zstd; what RFC 8878, 3.1.1.1.2 asks decoders to bear
)

// streams are the decompressors that serve one Unpacker, made when needed.
type streams struct {
	in    bytes.Reader
	flate io.ReadCloser
	gzip  *gzip.Reader
	zlib  io.ReadCloser
	zstd  *zstd.Decoder
}

var errEncoding = errors.New("no such encoding")

// reader returns a decompressor of data.
func (s *streams) reader(encoding string, data []byte) (io.Reader, error) {
	s.in.Reset(data)
	switch encoding {
	case "deflate":
		if s.flate == nil {
			s.flate = flate.NewReader(&s.in)
			return s.flate, nil
		}
		return s.flate, s.flate.(flate.Resetter).Reset(&s.in, nil)
	case "gzip":
		if s.gzip == nil {
			s.gzip = new(gzip.Reader)
		}
		return s.gzip, s.gzip.Reset(&s.in)
	case "zlib":
		if s.zlib == nil {
			z, err := zlib.NewReader(&s.in)
			if err != nil {
				return nil, err
			}
			s.zlib = z
			return z, nil
		}
		return s.zlib, s.zlib.(zlib.Resetter).Reset(&s.in, nil)
	case "bzip2":
		return bzip2.NewReader(&s.in), nil
	case "zstd":
		if s.zstd == nil {
			z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
				zstd.WithDecoderMaxWindow(maxWindow))
			if err != nil {
				return nil, err
			}
			s.zstd = z
		}
		return s.zstd, s.zstd.Reset(&s.in)
	}
	return nil, errEncoding
}

// setUpCost returns the work of setting up a decompressor of data.
func setUpCost(encoding string, data []byte) int {
	switch encoding {
	case "bzip2":
		return setUpBlock * int(data[3]-'0')
	case "zstd":
		return setUpZstd
	}
	return setUp
}
