package unpack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"io"
)

// openZip takes the members of a zip archive in the order of its directory.
func (u *Unpacker) openZip(data []byte, parent, depth int) {
	if !u.mayAdd(depth) || !u.mayWork(len(data)) {
		return
	}
	r, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		u.cut[cutDamaged]++
		return
	}
	for _, f := range r.File {
		if f.FileInfo().IsDir() && !u.flat {
			continue
		}
		if !u.mayAdd(depth) {
			continue
		}
		u.takeZip(f, parent, depth)
	}
}

func (u *Unpacker) takeZip(f *zip.File, parent, depth int) {
	const encrypted = 1
	if f.Flags&encrypted != 0 || f.CompressedSize64 > uint64(u.limits.Bytes) {
		u.cut[cutDamaged]++
		return
	}
	size := int(f.CompressedSize64)
	if !u.mayWork(size + setUp) {
		return
	}
	r, err := f.Open()
	if err != nil {
		u.cut[cutDamaged]++
		return
	}
	u.take(r, "zip", f.Name, size, parent, depth)
	r.Close()
}

// openTar takes the regular files of a tar archive.
func (u *Unpacker) openTar(data []byte, parent, depth int) {
	if !u.mayAdd(depth) || !u.mayWork(len(data)) {
		return
	}
	r := tar.NewReader(bytes.NewReader(data))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			u.cut[cutDamaged]++
			return
		}
		if h.Typeflag != tar.TypeReg && !u.flat {
			continue
		}
		if !u.mayAdd(depth) {
			continue
		}
		u.take(r, "tar", h.Name, len(data), parent, depth)
	}
}
