/** What the other end sent is no RTMP, or more of it than we take: the connection is of no more use. */
export class RtmpError extends Error {}
