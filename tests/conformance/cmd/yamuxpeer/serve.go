package main

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/hashicorp/yamux"
)

// serve accepts streams for as long as the session lives. The first line of each says what is done with it:
//
//	echo        sends back what comes, until the end
//	sink        reads to the end, then sends the number of bytes and their sum
//	source N    sends N bytes of the pattern, then ends
//	linger      ends its own side and reads nothing; StreamCloseTimeout later it is reset
func serve(session *yamux.Session) {
	for {
		stream, err := session.AcceptStream()
		if err != nil {
			return
		}
		go serveStream(stream)
	}
}

func serveStream(stream *yamux.Stream) {
	reader := bufio.NewReader(stream)
	line, err := reader.ReadString('\n')
	if err != nil {
		stream.Close()
		return
	}
	command, argument, _ := strings.Cut(strings.TrimSpace(line), " ")
	switch command {
	case "echo":
		io.Copy(stream, reader)
	case "sink":
		count, sum := drain(reader)
		fmt.Fprintf(stream, "%d %d\n", count, sum)
	case "source":
		size, _ := strconv.Atoi(argument)
		stream.Write(pattern(size))
	case "linger":
	}
	stream.Close()
}

// drain reads to the end and returns how many bytes there were, and their sum, each weighted with its place modulo 251.
func drain(reader io.Reader) (count int, sum uint64) {
	buffer := make([]byte, 32*1024)
	for {
		n, err := reader.Read(buffer)
		for _, b := range buffer[:n] {
			sum += uint64(b) * uint64(count%251+1)
			count++
		}
		if err != nil {
			return count, sum
		}
	}
}

// pattern returns size bytes that repeat only after 251 * 256 of them.
func pattern(size int) []byte {
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(i%251 + i/251)
	}
	return data
}
