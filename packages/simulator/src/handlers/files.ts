import { callerId, type Handler, textField } from './call.ts';

/** The size comes as a number or, by the published schema, as text. */
export const generateUrlForUploadFile: Handler = (call) => {
  const { platform, fields } = call;
  const fileType = textField(fields, 'fileType');
  return { body: platform.files.signUpload(callerId(call), fileType, Number(fields['fileSize'])) };
};

export const generateUrlForDownloadFile: Handler = ({ platform, fields }) => ({
  body: platform.files.signDownload(textField(fields, 'relativePath')),
});
