package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path"
	"syscall"
	"time"

	"go.uber.org/zap"

	"github.com/huntd/huntd/pipeline"
)

// A searcher searches the files of one folder.
type searcher struct {
	path string
	log  *zap.Logger
}

var _ pipeline.Searcher = (*searcher)(nil)

// CheckOnline returns what a person should know of the folder.
func (s *searcher) CheckOnline(context.Context) (string, error) {
	folder, err := openFolder(s.path)
	if err != nil {
		return "", err
	}
	return "the folder can be read", folder.Close()
}

// Search implements [pipeline.Searcher].
func (s *searcher) Search(spec pipeline.Search) pipeline.Source {
	return &source{searcher: s, spec: spec}
}

// CountLate implements [pipeline.Searcher].
func (s *searcher) CountLate(ctx context.Context, spec pipeline.Search, w pipeline.Window) (n int, err error) {
	spec.EventTime, spec.MaxRows, spec.Dict = true, 0, nil
	for b, err := range (&source{searcher: s, spec: spec}).Fetch(ctx, w) {
		if err != nil {
			return 0, err
		}
		n += b.Len()
		b.Release()
	}
	return n, nil
}

// Cancel implements [pipeline.Searcher]: a search ends with its process.
func (*searcher) Cancel(context.Context, string) error { return nil }

// A source reads the records of windows.
type source struct {
	*searcher
	spec   pipeline.Search
	counts map[string]int
}

// The counts of a source: lines that are no record, records without a time, and
// searches that no file matches.
const (
	countMalformed = "malformed_lines"
	countTimeless  = "records_without_time"
	countNoFiles   = "searches_without_files"
)

// Counts implements [pipeline.Counter].
func (s *source) Counts() map[string]int { return s.counts }

// Fetch implements [pipeline.Source].
func (s *source) Fetch(ctx context.Context, w pipeline.Window) iter.Seq2[*pipeline.Batch, error] {
	s.counts = map[string]int{}
	return func(yield func(*pipeline.Batch, error) bool) {
		rows := 0
		err := s.each(ctx, func(b *pipeline.Batch) error {
			b = s.within(b, w)
			if rows += b.Len(); s.spec.MaxRows > 0 && rows > s.spec.MaxRows {
				return fmt.Errorf("there are more records than a run may read (%d): %w: %w", s.spec.MaxRows, pipeline.ErrIncomplete, pipeline.ErrTooMuch)
			}
			if b.Len() > 0 && !yield(b, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	}
}

// errStopped ends a search whose records are not wanted any more.
var errStopped = errors.New("stopped")

// each calls do for all records of the search.
func (s *source) each(ctx context.Context, do func(*pipeline.Batch) error) (err error) {
	folder, err := openFolder(s.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	dict := s.spec.Dict
	if dict == nil {
		dict = pipeline.NewDict()
	}
	var files []listed
	err = fs.WalkDir(folder.FS(), ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case d != nil && d.IsDir() && !mayMatchBelow(s.spec.Query, file):
			return fs.SkipDir
		case errors.Is(err, fs.ErrNotExist) && file != ".": // it was removed meanwhile
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", s.path, err)
		case !d.Type().IsRegular() || path.Base(file) == delivered || !matches(s.spec.Query, file):
			return nil
		}
		info, err := d.Info()
		files = append(files, listed{file, info})
		return err
	})
	if err == nil && len(files) == 0 {
		s.counts[countNoFiles]++
	}
	for _, f := range files {
		if err = errors.Join(err, ctx.Err()); err == nil {
			err = s.read(ctx, folder, f, dict, do)
		}
	}
	return err
}

// A listed is a file of a search, as it was when the folder was listed.
type listed struct {
	name string
	info fs.FileInfo
}

// errMoved says that a search may have missed records. It is tried again.
var errMoved = errors.New("the file was moved, replaced or cut while the folder was searched")

// read calls do for the records of a file.
func (s *source) read(ctx context.Context, folder *os.Root, of listed, dict *pipeline.Dict, do func(*pipeline.Batch) error) (err error) {
	f, err := folder.OpenFile(of.name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		err = errMoved
	}
	if err != nil {
		return fmt.Errorf("%s: %w", of.name, err)
	}
	r, err := pipeline.Unpack(f)
	if err == nil {
		err = of.unmoved(f)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", of.name, err), f.Close())
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	for b, err := range pipeline.ReadRecords(ctx, r, of.name, dict, s.skip) {
		if err != nil {
			return err
		}
		if err := do(b); err != nil {
			return err
		}
	}
	if err := of.unmoved(f); err != nil {
		return fmt.Errorf("%s: %w", of.name, err)
	}
	return nil
}

// unmoved returns errMoved if a file is not the one that was listed, or is shorter.
func (l listed) unmoved(f *os.File) error {
	info, err := f.Stat()
	if err == nil && (!os.SameFile(info, l.info) || info.Size() < l.info.Size()) {
		err = errMoved
	}
	return err
}

// skip counts a line that is no record, and logs the first.
func (s *source) skip(e *pipeline.LineError) {
	if s.counts[countMalformed]++; s.counts[countMalformed] == 1 {
		s.log.Warn("line skipped: it is no record", zap.String("folder", s.path), zap.Error(e))
	}
}

// within returns the records of a batch that lie in a window.
func (s *source) within(b *pipeline.Batch, w pipeline.Window) *pipeline.Batch {
	event, index := b.Dict().Key("_time"), b.Dict().Key("_indextime")
	var rows []int
	for row := range b.Len() {
		at, timed := pipeline.ParseTime(b.Get(row, event))
		indexed, isIndexed := pipeline.ParseTime(b.Get(row, index))
		if !isIndexed {
			indexed, isIndexed = at, timed
		}
		tooOld := false
		if !s.spec.EventTime {
			tooOld = timed && s.spec.MaxEventAge > 0 && at.Before(time.Unix(w.From, 0).Add(-s.spec.MaxEventAge))
			at, timed = indexed, isIndexed
		}
		switch {
		case tooOld:
		case !timed:
			s.counts[countTimeless]++
		case contains(w, at) && (s.spec.IndexedFrom == 0 || isIndexed && indexed.Unix() >= s.spec.IndexedFrom):
			rows = append(rows, row)
		}
	}
	if len(rows) == b.Len() {
		return b
	}
	return b.Select(rows)
}

func contains(w pipeline.Window, t time.Time) bool { return w.From <= t.Unix() && t.Unix() < w.To }
