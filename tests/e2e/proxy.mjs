// A proxy that can lose a response: the server has answered, and the client never hears of it.
import http from "node:http";

/** Forwards to `target` until the test ends. `lose(path)` has the next response to it dropped, and all that follow until it was. */
export async function dropping(t, target) {
    const { hostname, port } = new URL(target);
    let losing = null;
    let lost = 0;
    const server = http.createServer((request, response) => {
        const { method, url, headers } = request;
        const onward = http.request({ hostname, port, method, path: url, headers }, answer => {
            if (losing === url) {
                losing = null;
                lost += 1;
                answer.resume().on("end", () => request.socket.destroy());
                return;
            }
            // A browser repeats a request by itself when a connection that was kept open breaks.
            response.writeHead(answer.statusCode, { ...answer.headers, connection: "close" });
            answer.pipe(response);
        });
        request.pipe(onward);
    });
    await new Promise(listening => server.listen(0, "localhost", listening));
    t.after(() => server.closeAllConnections() ?? server.close());
    return {
        origin: `http://localhost:${server.address().port}`,
        lose: path => (losing = path),
        lost: () => lost,
    };
}
