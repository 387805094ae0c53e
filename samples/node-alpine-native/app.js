import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

const picture = await readFile(new URL('./picture.svg', import.meta.url));

const server = createServer(async (req, res) => {
  const size = /^\/thumbnail\/(\d{1,3})$/.exec(req.url);
  if (req.url === '/up') {
    res.end('up');
  } else if (req.url === '/picture') {
    const { format, width, height } = await sharp(picture).metadata();
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify({ format, width, height }));
  } else if (size && Number(size[1]) > 0) {
    const image = await sharp(picture).resize(Number(size[1])).png().toBuffer();
    res.setHeader('content-type', 'image/png');
    res.end(image);
  } else {
    res.statusCode = 404;
    res.end('try /thumbnail/64');
  }
});

server.listen(8080, () => console.log('thumbnails on port 8080'));
process.on('SIGTERM', () => server.close());
