// Package files is a folder as a SIEM: hunts search the records in its files, and
// their events are appended to one more. It suits recordings, exports of other
// tools, and tests of hunts without a Splunk.
//
// A search is one or more patterns of files, such as *.ndjson or dns/*.gz, see
// [SIEM.Render]. A window holds the records whose _indextime, or by event time
// whose _time, lies in it. A record without _indextime counts as indexed at its
// _time; one without either belongs to no window, and is counted. Each window reads
// all files of its search. What writes the files should give records _indextime: a
// record whose _time lies in a window that was examined before it was written is not
// found by index time. A file that is packed as a whole should be written aside and
// moved in: one that breaks off makes its windows fail until it is whole.
//
// Files may be packed by gzip or zstd. Links are not followed, and what is no
// regular file is not read.
package files
