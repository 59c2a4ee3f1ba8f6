// Writes a folder as tars, in the ways in which tools that are written in Go write layers: writers FOLDER OUT.
package main

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// A way of writing: what a tool does to the header that Go makes of a file.
type way struct {
	name   string
	change func(*tar.Header)
}

func main() {
	fmt.Println("written by", runtime.Version())
	epoch := func(h *tar.Header) { h.ModTime, h.AccessTime, h.ChangeTime = time.Unix(0, 0), time.Time{}, time.Time{} }
	ways := []way{
		{"plain", func(h *tar.Header) {}},
		{"gnu", func(h *tar.Header) { h.Format = tar.FormatGNU }},
		// Engines keep extended attributes and fractions of a second.
		{"engine", func(h *tar.Header) {
			h.Format = tar.FormatPAX
			h.PAXRecords = map[string]string{"SCHILY.xattr.user.note": "a\nb=c", "LIBARCHIVE.creationtime": "1700000000"}
		}},
		// Builders without an engine: absolute-looking names lose their slash, owners and times are kept.
		{"snapshot", func(h *tar.Header) { h.Uname, h.Gname = "", "" }},
		// Reproducible ones: no owners, no times.
		{"reproducible", func(h *tar.Header) { epoch(h); h.Uid, h.Gid, h.Uname, h.Gname = 0, 0, "", "" }},
	}
	for _, way := range ways {
		if err := write(os.Args[1], filepath.Join(os.Args[2], way.name), way.change); err != nil {
			fmt.Fprintln(os.Stderr, way.name, err)
			os.Exit(1)
		}
	}
}

func write(folder, path string, change func(*tar.Header)) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	writer := tar.NewWriter(file)
	first := map[uint64]string{}
	err = filepath.Walk(folder, func(path string, info fs.FileInfo, err error) error {
		if err != nil || path == folder {
			return err
		}
		link := ""
		if info.Mode()&fs.ModeSymlink != 0 {
			if link, err = os.Readlink(path); err != nil {
				return err
			}
		}
		header, err := tar.FileInfoHeader(info, link)
		if err != nil {
			return err
		}
		if header.Name, err = filepath.Rel(folder, path); err != nil {
			return err
		}
		if info.IsDir() {
			header.Name += "/"
		}
		if node, ok := info.Sys().(*syscall.Stat_t); ok && info.Mode().IsRegular() && node.Nlink > 1 {
			if name, known := first[node.Ino]; known {
				header.Typeflag, header.Linkname, header.Size = tar.TypeLink, name, 0
			} else {
				first[node.Ino] = header.Name
			}
		}
		change(header)
		if err := writer.WriteHeader(header); err != nil || header.Typeflag != tar.TypeReg {
			return err
		}
		content, err := os.Open(path)
		if err != nil {
			return err
		}
		defer content.Close()
		_, err = io.Copy(writer, content)
		return err
	})
	if err != nil {
		return err
	}
	return writer.Close()
}
