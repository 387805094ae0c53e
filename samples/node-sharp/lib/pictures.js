import sharp from 'sharp';

const SVG = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="96" height="64"><rect width="96" height="64" fill="#036"/></svg>');

/** What the logo is once it has been drawn and packed. */
export async function logo() {
  const { info } = await sharp(SVG).webp({ quality: 80 }).toBuffer({ resolveWithObject: true });
  return { format: info.format, width: info.width, height: info.height };
}

/** The picture at most `width` pixels wide, as WebP. */
export function thumbnail(picture, width) {
  return sharp(picture).rotate().resize({ width, withoutEnlargement: true }).webp().toBuffer();
}
